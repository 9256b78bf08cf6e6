import { convertCheckpoint } from "@tfsaver/checkpoint-tools";
import { ResourceExhaustedError } from "@tfsaver/core";
import { Graph, Variable } from "@tfsaver/graph";
import { Saver } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import type { CreateOptions, Storage, WritableFile } from "@tfsaver/storage";
import { MemoryObjectStorage } from "@tfsaver/testing";
import { expect, it } from "vitest";

/** Above the size up to which a file is held back, in float32. */
const ELEMENTS = (2 << 20) / 4;

/** A storage whose files have a limit, which it can only keep if it is told sizes before. */
class LimitedStorage extends MemoryObjectStorage {
  limit = Number.POSITIVE_INFINITY;
  written = 0;

  override async create(path: string, options: CreateOptions = {}): Promise<WritableFile> {
    if ((options.expectedBytes ?? 0) > this.limit) throw new ResourceExhaustedError(`${path} is too large`, { path });
    const file = await super.create(path, options);
    const write = file.write.bind(file);
    file.write = async (chunks) => {
      for (const { length } of chunks) this.written += length;
      await write(chunks);
    };
    return file;
  }
}

async function saving(storage: Storage) {
  const graph = new Graph();
  const variables = [1, 2].map((value, i) =>
    Variable.create(new Float32Array(ELEMENTS).fill(value), { graph, name: `v${i}` }),
  );
  const session = new LocalSession(graph, { storage });
  await session.run(variables.map(({ initializer }) => initializer));
  return { saver: new Saver({ graph, storage }), session };
}

it("a save tells its storage the size of a shard before a byte is sent", async () => {
  const storage = new LimitedStorage();
  const { saver, session } = await saving(storage);
  storage.limit = 8 * ELEMENTS - 1;
  await expect(saver.save(session, "run/m")).rejects.toMatchObject({ kind: "ResourceExhaustedError" });
  expect(storage.written).toBe(0);
  storage.limit = 8 * ELEMENTS;
  expect(await saver.save(session, "run/m")).toBe("run/m");
});

it("a conversion tells its storage the size of a shard before a byte is sent", async () => {
  const storage = new LimitedStorage();
  const { saver, session } = await saving(storage);
  await saver.save(session, "run/m");
  storage.written = 0;
  storage.limit = 8 * ELEMENTS - 1;
  const converting = convertCheckpoint("run/m", "run/n", { storage });
  await expect(converting).rejects.toMatchObject({ kind: "ResourceExhaustedError" });
  expect(storage.written).toBe(0);
});
