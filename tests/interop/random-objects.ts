import type { Described, DescribedCheckpoint } from "../../fixtures/object-goldens.js";
import { Random } from "../../tools/fuzz/random.js";

/**
 * Names of attributes, some of which are escaped in keys. TensorFlow writes what is below `.ATTRIBUTES` too, but does not find it
 * again.
 */
const NAMES = ["w", "b", "layer", "layer.1", "x/y", "größe", "日本", "😀", "a b", ".S", "..", "VARIABLE_VALUE"];
/** Keys of dictionaries, which may also be empty, or numbers. */
const KEYS = [...NAMES, "", "0", "12", "/", "tab\there"];
const DTYPES = [
  "float32",
  "float64",
  "int32",
  "int64",
  "bool",
  "string",
  "uint8",
  "int8",
  "float16",
  "bfloat16",
  "complex64",
];
const OPTIMIZERS = ["momentum", "adam", "adagrad"] as const;
const MAX_DEPTH = 4;

/** Makes descriptions of random objects, the same for the same seed: nested, shared, in circles, with slots and tables. */
export class RandomObjects {
  readonly #random: Random;
  /** Objects that may be referred to. */
  readonly #ids: string[] = [];
  /** Variables that an optimizer may have slots for. */
  readonly #floats: string[] = [];
  #count = 0;

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  checkpoint(): DescribedCheckpoint {
    const random = this.#random;
    const root = random.chance(0.25) ? this.#object(1) : undefined;
    const names = this.#distinct(NAMES, random.below(5));
    const taken = new Set(root?.kind === "object" ? root.children?.map(([name]) => name) : []);
    const kwargs = names.filter((name) => !taken.has(name)).map((name) => [name, this.#tracked(1)] as const);
    if (this.#floats.length > 0 && random.chance(0.5)) {
      // An optimizer comes last, so that its variables are there.
      const of = this.#distinct(this.#floats, 1 + random.below(3));
      kwargs.push(["zz", { kind: "optimizer", name: random.pick(OPTIMIZERS), of, value: random.below(100) }]);
    }
    return root === undefined ? { kwargs } : { root, kwargs };
  }

  /** Describes something that is an object of the graph. */
  #tracked(depth: number): Described {
    const random = this.#random;
    if (this.#ids.length > 0 && random.chance(0.15)) return { ref: random.pick(this.#ids) };
    const kind = depth >= MAX_DEPTH ? 0 : random.below(10);
    if (kind < 4) return this.#variable();
    if (kind < 6) return this.#object(depth);
    if (kind === 6) return { kind: "list", items: this.#items(depth) };
    if (kind === 7) {
      const keys = this.#distinct(KEYS, random.below(4));
      return { kind: "dict", items: keys.map((key) => [key, this.#item(depth)]) };
    }
    // A tuple without an object would not be one in TensorFlow.
    if (kind === 8) return { kind: "tuple", items: [this.#variable(), ...this.#items(depth)] };
    if (random.chance(0.5)) return { kind: "python_state", value: `{"n": ${random.below(1000)}}` };
    // The order of several entries is not stable.
    return { kind: "table", entries: random.chance(0.5) ? [["ü", random.below(1000)]] : [] };
  }

  #object(depth: number): Extract<Described, { kind: "object" }> {
    const id = this.#newId();
    // Known before its children, so that these may lead back to it.
    this.#ids.push(id);
    const names = this.#distinct(NAMES, this.#random.below(4));
    return { kind: "object", id, children: names.map((name) => [name, this.#tracked(depth + 1)]) };
  }

  #items(depth: number): Described[] {
    return Array.from({ length: this.#random.below(4) }, () => this.#item(depth));
  }

  /** Describes an item of a container, which may be anything. */
  #item(depth: number): Described {
    if (this.#random.chance(0.2)) return { kind: "value", value: this.#random.pick([1, "text", true, null]) };
    return this.#tracked(depth + 1);
  }

  #variable(): Described {
    const random = this.#random;
    const dtype = random.pick(DTYPES);
    const shape = random.pick([[], [1], [3], [2, 2], [0, 2]]);
    const count = shape.reduce((product, size) => product * size, 1);
    const id = this.#newId();
    if (dtype === "float32") this.#floats.push(id);
    const values = Array.from({ length: count }, () => this.#element(dtype));
    const name = random.chance(0.5) ? `v${this.#count}` : undefined;
    return { kind: "variable", id, dtype, shape, values, ...(name === undefined ? {} : { name }) };
  }

  #element(dtype: string): unknown {
    const number = this.#random.below(100);
    if (dtype === "string") return this.#random.pick(["", "a", "ü", `text ${number}`]);
    if (dtype === "bool") return number % 2 === 0;
    return dtype === "complex64" ? [number, number - 50] : number;
  }

  #newId(): string {
    return `o${++this.#count}`;
  }

  #distinct<T>(items: readonly T[], count: number): T[] {
    return [...new Set(Array.from({ length: count }, () => this.#random.pick(items)))];
  }
}
