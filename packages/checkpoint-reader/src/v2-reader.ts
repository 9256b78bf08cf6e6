import { dataFilename } from "@tfsaver/checkpoint-names";
import type { OperationOptions, Tensor, TensorSlice } from "@tfsaver/core";
import type { CallOptions } from "@tfsaver/storage";
import type { BundleEntry, BundleReader } from "@tfsaver/tensor-bundle";
import { allTensors } from "./all-tensors.js";
import type { CheckpointReader, PlannedRead, TensorInfo, TensorRequest } from "./reader.js";

/** A tensor bundle as a checkpoint. */
export class V2Reader implements CheckpointReader {
  readonly format = "V2";

  constructor(private readonly bundle: BundleReader) {}

  get prefix(): string {
    return this.bundle.prefix;
  }

  get numShards(): number {
    return this.bundle.header.numShards;
  }

  async has(name: string, options?: CallOptions): Promise<boolean> {
    return (await this.bundle.entry(name, options)) !== undefined;
  }

  async info(name: string, options?: CallOptions): Promise<TensorInfo | undefined> {
    return (await this.infos([name], options))[0];
  }

  async infos(names: readonly string[], options?: CallOptions): Promise<(TensorInfo | undefined)[]> {
    const infos: (TensorInfo | undefined)[] = [];
    for (const entry of await this.bundle.entriesOf(names, options)) {
      // Nothing to wait for, which would be felt with hundreds of thousands.
      infos.push(entry && (infoOfWhole(entry) ?? (await this.#infoOf(entry, options))));
    }
    return infos;
  }

  async *tensors(options?: CallOptions): AsyncGenerator<TensorInfo> {
    for await (const entry of this.bundle.entries(options)) {
      yield infoOfWhole(entry) ?? (await this.#infoOf(entry, options));
    }
  }

  get(name: string, slice?: TensorSlice, options?: CallOptions): Promise<Tensor> {
    return this.bundle.get(name, slice, options);
  }

  getInto(name: string, target: Uint8Array, slice?: TensorSlice, options?: CallOptions): Promise<void> {
    return this.bundle.getInto(name, target, slice, options);
  }

  getEach(requests?: readonly TensorRequest[], options?: OperationOptions) {
    return requests === undefined ? this.#getEverything(options) : this.bundle.getEach(requests, options);
  }

  getAll(requests: readonly TensorRequest[], options?: OperationOptions): Promise<Tensor[]> {
    return this.bundle.getAll(requests, options);
  }

  async plan(requests: readonly TensorRequest[], options?: CallOptions): Promise<PlannedRead[]> {
    const reads = await this.bundle.plan(requests, options);
    return reads.map(({ shard, offset, length, entries }) => ({
      path: dataFilename(this.prefix, shard, this.numShards),
      offset,
      length,
      tensors: entries.map(({ name }) => name),
    }));
  }

  close(): Promise<void> {
    return this.bundle.close();
  }

  async *#getEverything(options?: OperationOptions) {
    yield* this.bundle.getEach(await allTensors(this, options), options);
  }

  async #infoOf(entry: BundleEntry, options?: CallOptions): Promise<TensorInfo> {
    return infoOf(entry, await this.bundle.storedSize(entry, options));
  }
}

/** Of a tensor that is stored whole, the index says it all. */
function infoOfWhole(entry: BundleEntry): TensorInfo | undefined {
  return entry.slices.length === 0 ? infoOf(entry, entry.size) : undefined;
}

function infoOf({ name, dtype, shape, slices, shard }: BundleEntry, size: number): TensorInfo {
  return { name, dtype, shape, size, slices, shard };
}
