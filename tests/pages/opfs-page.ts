import { listCheckpoints } from "@tfsaver/checkpoint-files";
import { loadVariable, retryIfReplaced } from "@tfsaver/checkpoint-reader";
import { toTensor } from "@tfsaver/core";
import { Graph, Variable } from "@tfsaver/graph";
import { Saver } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import { createDirectories } from "@tfsaver/storage";
import { OpfsStorage } from "@tfsaver/storage-opfs";

const storage = new OpfsStorage();

/** The calls that tests make in a tab. */
const tab = {
  /** Saves numbers one after another. All elements of the variable `v` have the number. Returns the errors. */
  async save(prefix: string, values: readonly number[], { size = 1000, steps = false } = {}): Promise<string[]> {
    const graph = new Graph();
    const variable = Variable.create(new Array<number>(size).fill(0), { graph, name: "v" });
    const session = new LocalSession(graph, { storage });
    const saver = new Saver({ graph, storage, maxToKeep: 0 });
    await createDirectories(storage, "run");
    const errors: string[] = [];
    for (const value of values) {
      await variable.load(toTensor(new Float32Array(size).fill(value)), session);
      const options = steps ? { globalStep: value } : {};
      await saver
        .save(session, prefix, options)
        .catch((error: Error) => errors.push(`${error.name}: ${error.message}`));
    }
    return errors;
  },
  /** Reads a checkpoint. Returns the different numbers in it. */
  async read(prefix: string): Promise<number[]> {
    const { data } = await retryIfReplaced(prefix, () => loadVariable(prefix, "v", { storage }));
    return [...new Set(data as Float32Array)];
  },
  /** Reads a checkpoint until `end` is called. Returns the different contents. */
  async watch(prefix: string): Promise<string[]> {
    const seen = new Set<string>();
    for (let isOver = false; !isOver; ) {
      isOver = ended;
      seen.add(String(await tab.read(prefix)));
    }
    return [...seen];
  },
  end(): void {
    ended = true;
  },
  async list(): Promise<string[]> {
    return (await listCheckpoints("run", { storage })).map(({ prefix }) => prefix);
  },
};

let ended = false;

export type Tab = typeof tab;

Object.assign(globalThis, { tab });
