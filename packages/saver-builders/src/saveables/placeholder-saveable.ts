import { copyTensor, InvalidArgumentError, requireTensor, type Tensor } from "@tfsaver/core";
import { type Graph, group, type Operation, type Output, placeholder } from "@tfsaver/graph";
import { type HostSaveable, type HostSpec, requireShape } from "./host-saveable.js";
import { reshaped } from "./reshape-ops.js";
import { SaveableObject } from "./saveable-object.js";

/** Represents a {@link HostSaveable} in a graph: a placeholder for each tensor to save, an output for each restored one. */
export class PlaceholderSaveable extends SaveableObject {
  readonly #placeholders: readonly Output[];
  #restored: readonly Output[] = [];

  constructor(
    private readonly host: HostSaveable,
    private readonly hostSpecs: readonly HostSpec[],
    name: string,
    graph: Graph,
  ) {
    const specs = hostSpecs.map(({ name, dtype, shape, sliceSpec = "" }) => {
      const tensor = placeholder(dtype, { graph, shape });
      return { tensor, sliceSpec, name, dtype, device: "" };
    });
    super(host, specs, name);
    this.#placeholders = specs.map(({ tensor }) => tensor);
  }

  /**
   * Reads the current values, to be fed to a save. Those that are there are read at once, those that are promised later.
   *
   * @param ownership - `copied` if the values may be written to while they are saved
   * @throws `InvalidArgumentError` if a value is not a valid tensor, or has another dtype than its spec.
   */
  async feeds(ownership: "copied" | "given"): Promise<[Output, Tensor][]> {
    const values = await Promise.all(this.hostSpecs.map((spec) => readValue(spec, ownership === "copied")));
    return values.map((value, index) => [this.#placeholders[index] as Output, value]);
  }

  /** The outputs to fetch for a restore. */
  get restored(): readonly Output[] {
    return this.#restored;
  }

  /** @throws `ValueError` if the shape of a restored value doesn't fit the host object; the error of its `check`. */
  requireFitting(values: readonly Tensor[]): void {
    for (const [index, { shape, name }] of this.hostSpecs.entries()) requireShape(values[index] as Tensor, shape, name);
    this.host.check(values);
  }

  /** Passes fetched values to the host object. */
  async take(values: readonly Tensor[]): Promise<void> {
    await this.host.restore(values);
  }

  override restore(
    restoredTensors: readonly Output[],
    restoredShapes: readonly (Output | readonly number[])[] | undefined,
  ): Operation {
    this.#restored = restoredTensors.map((tensor, index) => reshaped(tensor, restoredShapes?.[index]));
    return group(
      this.#restored.map(({ op }) => op),
      { name: "restored" },
    );
  }
}

/**
 * Reads the value of a spec, to save it: at once if it is there, later if it is promised.
 *
 * @param copy - true if the value may be written to while it is saved
 * @throws `InvalidArgumentError` if the value is not a valid tensor, or has another dtype than the spec.
 */
export async function readValue(spec: HostSpec, copy: boolean): Promise<Tensor> {
  const { name, dtype } = spec;
  const given: Tensor | PromiseLike<Tensor> = spec.value();
  // Awaited only if it is a promise, so that any other value is copied before the caller goes on.
  const value: Tensor = isPromise(given) ? await given : given;
  requireTensor(value, `The value to save as ${name}`, { tensor: name });
  if (value.dtype === dtype) return copy ? copyTensor(value) : value;
  throw new InvalidArgumentError(`The value to save as ${name} is a ${value.dtype} tensor; expected ${dtype}`, {
    tensor: name,
  });
}

function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === "object" && value !== null && "then" in value;
}
