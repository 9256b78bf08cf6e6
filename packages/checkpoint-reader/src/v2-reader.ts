import { asyncDispose, type Tensor, type TensorSlice } from "@tfsaver/core";
import type { PlannedRead, ReadOptions, StreamOptions, TensorRequest } from "@tfsaver/core/slices";
import type { CallOptions } from "@tfsaver/storage";
import type { BundleEntry, BundleReader } from "@tfsaver/tensor-bundle";
import { allTensors, type CheckpointReader, type TensorInfo } from "./checkpoint-reader.js";

/** Reads a V2 checkpoint through the interface of both formats. */
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
      // No await for entries that are stored whole: with hundreds of thousands it would be slow.
      infos.push(entry && (infoOfWhole(entry) ?? (await this.#infoOf(entry, options))));
    }
    return infos;
  }

  async *tensors(options?: CallOptions): AsyncGenerator<TensorInfo> {
    for await (const entry of this.bundle.entries(options)) {
      yield infoOfWhole(entry) ?? (await this.#infoOf(entry, options));
    }
  }

  get(name: string, slice?: TensorSlice, options?: ReadOptions): Promise<Tensor> {
    return this.bundle.get(name, slice, options);
  }

  stream(name: string, options?: StreamOptions): AsyncGenerator<Tensor> {
    return this.bundle.stream(name, options);
  }

  getInto(name: string, target: Uint8Array, slice?: TensorSlice, options?: ReadOptions): Promise<void> {
    return this.bundle.getInto(name, target, slice, options);
  }

  getEach(requests?: readonly TensorRequest[], options?: ReadOptions) {
    return requests === undefined ? this.#getEverything(options) : this.bundle.getEach(requests, options);
  }

  getAll(requests: readonly TensorRequest[], options?: ReadOptions): Promise<Tensor[]> {
    return this.bundle.getAll(requests, options);
  }

  plan(requests: readonly TensorRequest[], options?: CallOptions): Promise<PlannedRead[]> {
    return this.bundle.plan(requests, options);
  }

  close(): Promise<void> {
    return this.bundle.close();
  }

  [asyncDispose](): Promise<void> {
    return this.close();
  }

  async *#getEverything(options?: ReadOptions) {
    yield* this.bundle.getEach(await allTensors(this, options), options);
  }

  async #infoOf(entry: BundleEntry, options?: CallOptions): Promise<TensorInfo> {
    return infoOf(entry, await this.bundle.storedSize(entry, options));
  }
}

/** Returns the facts about a tensor that is stored whole, all of which are in its index entry. */
function infoOfWhole(entry: BundleEntry): TensorInfo | undefined {
  return entry.slices.length === 0 ? infoOf(entry, entry.size) : undefined;
}

function infoOf({ name, dtype, shape, slices, shard }: BundleEntry, size: number): TensorInfo {
  return { name, dtype, shape, size, slices, shard };
}
