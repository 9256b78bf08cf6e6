import type { Tensor } from "@tfsaver/core";
import { type Graph, group, type Operation, type Output, placeholder } from "@tfsaver/graph";
import { type HostSaveable, type HostSpec, requireShape } from "./host-saveable.js";
import { SaveableObject } from "./saveable-object.js";
import { reshaped } from "./variable-saveables.js";

/** A {@link HostSaveable} in a graph: a placeholder for each of its tensors, and what is read for it when restoring. */
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

  /** What to feed for a save: the values as they are now. */
  async feeds(): Promise<[Output, Tensor][]> {
    const values = await Promise.all(this.hostSpecs.map((spec) => spec.value()));
    return values.map((value, index) => [this.#placeholders[index] as Output, value]);
  }

  /** What to fetch to restore it. */
  get restored(): readonly Output[] {
    return this.#restored;
  }

  /** @throws `ValueError` if a restored value has a shape that the variable can't take. */
  requireFitting(values: readonly Tensor[]): void {
    for (const [index, { shape, name }] of this.hostSpecs.entries()) requireShape(values[index] as Tensor, shape, name);
  }

  /** Hands over what was fetched. */
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
