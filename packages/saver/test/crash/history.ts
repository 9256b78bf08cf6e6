import { type Tensor, toTensor } from "@tfsaver/core";
import { Graph, Variable } from "@tfsaver/graph";
import type { SaverDef } from "@tfsaver/proto/saver";
import { Saver, type SaverOptions } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import { normalizePath, type Storage } from "@tfsaver/storage";

/** The folder that histories save to. */
export const FOLDER = "/run";

/** Variables on two devices, one of them in two slices, whose values all derive from one number. */
export class Model {
  readonly graph = new Graph();
  readonly #variables: readonly Variable[];
  readonly #built = new Map<string, SaverDef>();

  constructor() {
    const { graph } = this;
    const on = (task: number, build: () => Variable) => graph.withDevice(`/job:ps/task:${task}`, build);
    const slice = (start: number) =>
      Variable.create([[0, 0]], {
        graph,
        name: `p/part_${start}`,
        saveSliceInfo: { fullName: "p", fullShape: [2, 2], varOffset: [start, 0], varShape: [1, 2] },
      });
    this.#variables = [
      on(0, () => Variable.create([0, 0], { graph, name: "a" })),
      on(1, () => Variable.create(0n, { graph, name: "b" })),
      on(1, () => slice(0)),
      on(0, () => slice(1)),
    ];
  }

  /** Returns a saver as after a restart. Savers with equal options share their operations, so that the graph stays small. */
  saver(storage: Storage, options: SaverOptions = {}): Saver {
    const given = { graph: this.graph, storage, onWarning: () => undefined, ...options };
    const id = JSON.stringify(options);
    const saverDef = this.#built.get(id);
    const saver = new Saver({ ...given, saverDef });
    this.#built.set(id, saver.asSaverDef() as SaverDef);
    return saver;
  }

  /** Returns a session whose variables hold a number. */
  async holding(value: number, storage: Storage): Promise<LocalSession> {
    const session = new LocalSession(this.graph, { storage });
    for (const [i, tensor] of valuesOf(value).entries()) await this.#variables[i]?.load(tensor, session);
    return session;
  }

  /** Returns the number that a checkpoint holds. Throws if its tensors come from different saves. */
  async read(saver: Saver, path: string, storage: Storage): Promise<number> {
    const session = new LocalSession(this.graph, { storage });
    await saver.restore(session, path);
    const values = await session.run(this.#variables.map((variable) => variable.snapshot));
    const [first] = (values[0] as Tensor).data as Float32Array;
    const value = first as number;
    const whole = valuesOf(value).every(({ data }, i) => String(data) === String(values[i]?.data));
    if (!whole) throw new Error(`${path} is a mixture: ${values.map(({ data }) => String(data)).join("; ")}`);
    return value;
  }
}

function valuesOf(value: number): Tensor[] {
  return [
    toTensor([value, value + 0.5]),
    toTensor(BigInt(value)),
    toTensor([[value + 1, value + 2]]),
    toTensor([[value + 3, value + 4]]),
  ];
}

/** One save of a history. */
export interface Step {
  readonly globalStep?: number;
  readonly loss?: number;
  /** Makes a new saver first, as after a restart. */
  readonly restart?: boolean;
  /** Options of the saver that differ from those of the history. Takes effect with `restart`. */
  readonly options?: SaverOptions;
  /** Another spelling of the folder. */
  readonly folder?: string;
}

/** What a reader may find at one moment of a history. */
export interface Expectation {
  /** The save in progress. */
  readonly next: Step;
  /** The values allowed for each path, in its shortest spelling. */
  readonly values: ReadonlyMap<string, readonly number[]>;
  /** The paths allowed as the latest checkpoint; undefined if there may be none. */
  readonly latest: readonly (string | undefined)[];
}

/** Makes saves one after another, and tracks what a reader may find meanwhile. */
export class History {
  readonly #values = new Map<string, readonly number[]>();
  #latest: readonly (string | undefined)[] = [undefined];
  #next: Step = {};
  #count = 0;

  constructor(
    readonly model: Model,
    private readonly storage: Storage,
    private readonly options: () => SaverOptions,
    /** Maps a path to what `Saver.save` returns for it. */
    private readonly returned: (path: string, step: Step) => string = (path) => path,
  ) {}

  get expectation(): Expectation {
    return { next: this.#next, values: new Map(this.#values), latest: this.#latest };
  }

  /** @param onError - called when a save fails; the remaining saves are made anyway */
  async run(steps: readonly Step[], onError?: (error: unknown) => void): Promise<void> {
    let saver = this.model.saver(this.storage, this.options());
    for (const step of steps) {
      const value = ++this.#count * 10;
      const session = await this.model.holding(value, this.storage);
      if (step.restart) saver = this.model.saver(this.storage, { ...this.options(), ...step.options });
      const path = this.returned(pathOf(step), step);
      const key = normalizePath(path);
      const before = this.#values.get(key) ?? [];
      this.#next = step;
      this.#values.set(key, [...before, value]);
      this.#latest = [...this.#latest, path];
      try {
        await save(saver, session, step);
      } catch (error) {
        if (onError === undefined) throw error;
        onError(error);
        continue;
      }
      this.#values.set(key, [value]);
      this.#latest = [path];
    }
  }
}

/** Makes the save that a step describes. */
export async function save(saver: Saver, session: LocalSession, step: Step): Promise<string> {
  const { globalStep, loss, folder = FOLDER } = step;
  const metrics = loss === undefined ? undefined : { loss };
  return (await saver.save(session, `${folder}/m`, { globalStep, metrics })) as string;
}

function pathOf({ globalStep, folder = FOLDER }: Step): string {
  return globalStep === undefined ? `${folder}/m` : `${folder}/m-${globalStep}`;
}
