import { OBJECT_GRAPH_KEY } from "@tfsaver/checkpoint-reader";
import { type Tensor, toTensor } from "@tfsaver/core";
import { readValue } from "@tfsaver/saver-builders";
import type { Storage } from "@tfsaver/storage";
import { BundleSeries } from "@tfsaver/tensor-bundle";
import type { HostValue } from "../objects/saved-attributes.js";
import type { TakenValues } from "./taken-values.js";

/** Writes values that are in no graph, without a session. */
export class HostWriter {
  #names: readonly string[] = [];
  #series = new BundleSeries([]);

  constructor(private readonly storage: Storage) {}

  /** Takes the values of this moment: those that are there are copied at once, those that are promised come later. */
  take(values: readonly HostValue[], objectGraph: Uint8Array): TakenValues {
    const specs = values.flatMap((value) => value.specs);
    const taken: Promise<Tensor[]> = Promise.all(specs.map((spec) => readValue(spec, true)));
    // Awaited by `write`, which may never be called.
    taken.catch(() => undefined);
    const series = this.#seriesOf([...specs.map(({ name }) => name), OBJECT_GRAPH_KEY]);
    const { storage } = this;
    return {
      isSharded: false,
      isBySession: false,
      ready: taken,
      write: async (prefix, options) => {
        const tensors = [...(await taken), toTensor(objectGraph, "string", [])];
        await series.write(prefix, tensors, { storage, ...options });
        return prefix;
      },
      release: () => undefined,
    };
  }

  /** Returns the series that writes tensors of these names. It is kept while the names stay the same. */
  #seriesOf(names: readonly string[]): BundleSeries {
    const isSame = names.length === this.#names.length && names.every((name, i) => name === this.#names[i]);
    if (!isSame) {
      this.#names = names;
      this.#series = new BundleSeries(names.map((name) => ({ name })));
    }
    return this.#series;
  }
}
