import { asyncDispose, byteLength, isNumeric, type Tensor, type TensorSlice, tensorStrings } from "@tfsaver/core";
import type { PlannedRead, ReadOptions, StreamOptions, TensorRequest } from "@tfsaver/core/slices";
import { type SlicesEntry, SlicesReader, type SlicesReaderOptions } from "@tfsaver/saved-tensor-slices";
import type { CallOptions } from "@tfsaver/storage";
import { allTensors, type CheckpointReader, type TensorInfo } from "./checkpoint-reader.js";

/** Opens a V1 checkpoint. Throws as {@link SlicesReader.open}. */
export async function openV1(pattern: string, options: SlicesReaderOptions): Promise<CheckpointReader> {
  return new V1Reader(await SlicesReader.open(pattern, options));
}

/** Reads a V1 checkpoint through the interface of both formats. */
class V1Reader implements CheckpointReader {
  readonly format = "V1";

  constructor(private readonly slices: SlicesReader) {}

  get prefix(): string {
    return this.slices.pattern;
  }

  get numShards(): number {
    return this.slices.paths.length;
  }

  async has(name: string): Promise<boolean> {
    return this.slices.entry(name) !== undefined;
  }

  async info(name: string, options?: CallOptions): Promise<TensorInfo | undefined> {
    const entry = this.slices.entry(name);
    return entry && this.#infoOf(entry, options);
  }

  async infos(names: readonly string[], options?: CallOptions): Promise<(TensorInfo | undefined)[]> {
    const infos: (TensorInfo | undefined)[] = [];
    for (const name of names) infos.push(await this.info(name, options));
    return infos;
  }

  async *tensors(options?: CallOptions): AsyncGenerator<TensorInfo> {
    for (const entry of this.slices.entries()) yield this.#infoOf(entry, options);
  }

  get(name: string, slice?: TensorSlice, options?: ReadOptions): Promise<Tensor> {
    return this.slices.get(name, slice, options);
  }

  stream(name: string, options?: StreamOptions): AsyncGenerator<Tensor> {
    return this.slices.stream(name, options);
  }

  getInto(name: string, target: Uint8Array, slice?: TensorSlice, options?: ReadOptions): Promise<void> {
    return this.slices.getInto(name, target, slice, options);
  }

  async *getEach(requests?: readonly TensorRequest[], options?: ReadOptions) {
    const wanted = requests ?? (await allTensors(this, options));
    for await (const { index, tensor } of this.#read(wanted, options)) {
      yield { request: wanted[index] as TensorRequest, tensor };
    }
  }

  async getAll(requests: readonly TensorRequest[], options?: ReadOptions): Promise<Tensor[]> {
    const tensors = new Array<Tensor>(requests.length);
    for await (const { index, tensor } of this.#read(requests, options)) tensors[index] = tensor;
    return tensors;
  }

  /** Reads in the order of the files, and reports progress after each tensor. */
  async *#read(requests: readonly TensorRequest[], options?: ReadOptions) {
    const inOrder = requests.map((request, index) => {
      const reads = this.slices.plan(request.name, request.slice);
      return { request, index, at: reads[0], length: reads.reduce((sum, { length }) => sum + length, 0) };
    });
    inOrder.sort((a, b) => comparePlaces(a.at, b.at));
    const total = inOrder.reduce((sum, { length }) => sum + length, 0);
    let done = 0;
    for (const { request, index, length } of inOrder) {
      const tensor = await this.slices.get(request.name, request.slice, options);
      done += length;
      options?.onProgress?.({ done, total, tensor: request.name });
      yield { index, tensor };
    }
  }

  async plan(requests: readonly TensorRequest[]): Promise<PlannedRead[]> {
    const reads = new Map<string, { path: string; offset: number; length: number; tensors: string[] }>();
    for (const { name, slice } of requests) {
      for (const { path, offset, length } of this.slices.plan(name, slice)) {
        const known = reads.get(`${path} ${offset}`);
        if (known === undefined) reads.set(`${path} ${offset}`, { path, offset, length, tensors: [name] });
        else known.tensors.push(name);
      }
    }
    return [...reads.values()].sort(comparePlaces);
  }

  close(): Promise<void> {
    return this.slices.close();
  }

  [asyncDispose](): Promise<void> {
    return this.close();
  }

  async #infoOf({ name, dtype, shape, parts }: SlicesEntry, options?: CallOptions): Promise<TensorInfo> {
    const isWhole = parts.length === 1 && parts[0]?.slice.every((extent) => extent === "full");
    return {
      name,
      dtype,
      shape,
      size: isNumeric(dtype) ? byteLength(dtype, shape) : await this.#sizeOfStrings(name, options),
      slices: isWhole ? [] : parts.map(({ slice }) => slice),
      shard: parts[0]?.file ?? 0,
    };
  }

  /** Reads strings to find their size, which V1 does not store. */
  async #sizeOfStrings(name: string, options: CallOptions | undefined): Promise<number> {
    const strings = tensorStrings(await this.slices.get(name, undefined, options));
    return strings.reduce((sum, item) => sum + item.length, 0);
  }
}

interface Place {
  readonly path: string;
  readonly offset: number;
}

function comparePlaces(a: Place | undefined, b: Place | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return a.path < b.path ? -1 : a.path > b.path ? 1 : a.offset - b.offset;
}
