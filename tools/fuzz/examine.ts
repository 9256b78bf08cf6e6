import {
  type CheckpointReader,
  OBJECT_GRAPH_KEY,
  objectGraphKeyMapping,
  openCheckpoint,
  type TensorInfo,
} from "@tfsaver/checkpoint-reader";
import {
  type CheckpointError,
  type ErrorKind,
  isCheckpointError,
  isNumeric,
  sliceShape,
  type Tensor,
  type TensorSlice,
  tensorBytes,
} from "@tfsaver/core";
import { verifySlices } from "@tfsaver/saved-tensor-slices";
import type { MemoryStorage } from "@tfsaver/storage";
import { verifyBundle } from "@tfsaver/tensor-bundle";
import { largestAllocation, resetAllocations } from "./allocations.js";
import type { Random } from "./random.js";
import { type Files, type Subject, storageOf } from "./subjects.js";

/**
 * Errors other than `DataLossError` with which reading a damaged checkpoint may end, because TensorFlow reports them so. The
 * README of `checkpoint-reader` has the same table.
 */
const OTHER_ENDS: readonly { readonly kind: ErrorKind; readonly message: RegExp }[] = [
  // The bytes are intact, but need another version, or hold only a part.
  { kind: "InvalidArgumentError", message: /Checkpoint min consumer version \d+ above/ },
  { kind: "InvalidArgumentError", message: /Checkpoint disallows consumer version/ },
  { kind: "InvalidArgumentError", message: /Does not have sufficient slices for partitioned tensor/ },
  // Slices contradict each other.
  { kind: "InternalError", message: /Overlapping slices: existing slice = / },
  { kind: "InternalError", message: /Extent in dimension \d+ out of bounds/ },
  { kind: "InternalError", message: /Mismatching ranks: shape = / },
  { kind: "InternalError", message: /\d+ slices are stored, too many of them/ },
  { kind: "InternalError", message: /the slice .* is missing/s },
  { kind: "InternalError", message: /has another dtype or shape than in the files before/ },
  // The first entry of a file is missing.
  { kind: "InternalError", message: /Failed to find the saved tensor slices at the beginning/ },
  { kind: "InternalError", message: /failed to seek to header entry/ },
  // Names without a tensor, and missing files.
  { kind: "NotFoundError", message: /No such file or directory|not found in checkpoint|any matching files/ },
  {
    kind: "UnimplementedError",
    message: /of dtype resource can't be read|A V1 checkpoint can't hold|contains a variant/,
  },
];

/** Thrown if reading did what it must not do, whatever the bytes are. */
export class BrokenPromise extends Error {}

/** Result of reading one checkpoint. */
export interface Outcome {
  /** Number of operations that returned a result. */
  readonly answers: number;
  /** Number of errors of each kind. */
  readonly errors: ReadonlyMap<ErrorKind, number>;
}

/** V1 stores numbers in as little as one byte that take eight in memory; snappy expands three bytes to up to 64. */
const LARGEST_GROWTH = { V1: 8, V2: 1 };
const SNAPPY_GROWTH = 22;
/** Bytes that the library needs for itself: buffers of fixed size, and lists as long as a tensor's rank. */
const SMALL = 64 << 10;
/** Number of tensors that are examined one by one; all are also read together. */
const EXAMINED = 5;
/** Largest number of elements that are compared one by one. */
const MOST_COMPARED = 4096;

/**
 * Reads a checkpoint in every way, and checks what is promised for any bytes: a correct result, or an error that names the
 * problem and the file; never an array larger than the files.
 *
 * @throws {@link BrokenPromise}
 */
export async function examine(subject: Subject, files: Files, random: Random): Promise<Outcome> {
  const storage = await storageOf(files);
  const size = [...files.values()].reduce((sum, bytes) => sum + bytes.length, 0);
  resetAllocations();
  const examination = new Examination(subject, storage, random);
  await examination.run();
  const compressed = /snappy/.test(subject.name) ? SNAPPY_GROWTH : 1;
  const limit = size * LARGEST_GROWTH[subject.format] * compressed + SMALL;
  if (largestAllocation() > limit) {
    throw new BrokenPromise(
      `${largestAllocation()} bytes were allocated at once for files of ${size} bytes, at most ${limit} are allowed`,
    );
  }
  return examination;
}

class Examination implements Outcome {
  answers = 0;
  readonly errors = new Map<ErrorKind, number>();
  /**
   * True if listing came to its end. Listing notices keys that are out of order, and looking up a key does not: what was
   * listed before such an error may differ from what is read.
   */
  #isListed = false;

  constructor(
    private readonly subject: Subject,
    private readonly storage: MemoryStorage,
    private readonly random: Random,
  ) {}

  async run(): Promise<void> {
    const { storage } = this;
    const { prefix, format } = this.subject;
    const verify = format === "V1" ? verifySlices : verifyBundle;
    const report = await this.#attempt("verify", () => verify(prefix, { storage }));
    for (const { path, message } of report?.problems ?? []) this.#requireFile("verify", path, message);
    const reader = await this.#attempt("open", () => openCheckpoint(prefix, { storage }));
    if (reader === undefined) return;
    const infos: TensorInfo[] = [];
    await this.#attempt("list", async () => {
      for await (const info of reader.tensors()) infos.push(info);
      this.#isListed = true;
    });
    for (const info of this.#some(infos)) await this.#examineTensor(reader, info);
    await this.#examineAll(reader, infos);
    await this.#attempt("object graph", () => objectGraphKeyMapping(reader));
    for (const name of ["", "__proto__", "constructor", "\0", "missing"])
      await this.#attempt("info", () => reader.info(name));
    await reader.close();
  }

  #some(infos: readonly TensorInfo[]): readonly TensorInfo[] {
    return infos.length <= EXAMINED ? infos : Array.from({ length: EXAMINED }, () => this.random.pick(infos));
  }

  async #examineTensor(reader: CheckpointReader, info: TensorInfo): Promise<void> {
    const { name, dtype, shape } = info;
    const whole = await this.#attempt("get", () => reader.get(name));
    if (this.#isListed && whole !== undefined && (whole.dtype !== dtype || String(whole.shape) !== String(shape))) {
      throw new BrokenPromise(`${name} is listed as ${dtype}[${shape}] but read as ${whole.dtype}[${whole.shape}]`);
    }
    const slice = this.#randomSlice(shape);
    const part = await this.#attempt("get a slice", () => reader.get(name, slice));
    if (whole !== undefined && part !== undefined) requirePart(whole, slice, part);
    await this.#attempt("plan", () => reader.plan([{ name }, { name, slice }]));
    if (whole === undefined || !isNumeric(dtype)) return;
    const target = new Uint8Array(tensorBytes(whole).length);
    await this.#attempt("getInto", () => reader.getInto(name, target));
    if (String(target) !== String(tensorBytes(whole))) throw new BrokenPromise(`getInto and get differ for ${name}`);
  }

  async #examineAll(reader: CheckpointReader, infos: readonly TensorInfo[]): Promise<void> {
    await this.#attempt("getEach", async () => {
      let count = 0;
      for await (const { request, tensor } of reader.getEach(infos.map(({ name }) => ({ name })))) {
        const info = infos.find(({ name }) => name === request.name);
        if (this.#isListed && String(tensor.shape) !== String(info?.shape))
          throw new BrokenPromise(`getEach returned another shape for ${request.name}`);
        count++;
      }
      if (count !== infos.length) throw new BrokenPromise(`getEach returned ${count} of ${infos.length} tensors`);
    });
  }

  #randomSlice(shape: readonly number[]): TensorSlice {
    return shape.map((dim) => {
      if (dim === 0 || this.random.chance(0.2)) return "full";
      const start = this.random.below(Math.min(dim, 8));
      return { start, length: 1 + this.random.below(Math.min(dim - start, 8)) };
    });
  }

  async #attempt<T>(what: string, action: () => Promise<T>): Promise<T | undefined> {
    try {
      const result = await action();
      this.answers++;
      return result;
    } catch (error) {
      if (error instanceof BrokenPromise) throw error;
      if (!isCheckpointError(error)) throw new BrokenPromise(`${what}: not a CheckpointError`, { cause: error });
      this.#requireAllowed(what, error);
      this.errors.set(error.kind, (this.errors.get(error.kind) ?? 0) + 1);
      return undefined;
    }
  }

  #requireAllowed(what: string, error: CheckpointError): void {
    const { kind, message, path, offset } = error;
    this.#requireFile(what, path, message);
    if (kind === "DataLossError") {
      // An error about the object graph names its tensor instead of an offset.
      if (offset === undefined && error.tensor !== OBJECT_GRAPH_KEY)
        throw new BrokenPromise(`${what}: no offset`, { cause: error });
    } else if (!OTHER_ENDS.some((end) => end.kind === kind && end.message.test(message))) {
      throw new BrokenPromise(`${what}: unexpected ${kind}`, { cause: error });
    }
  }

  #requireFile(what: string, path: string | undefined, message: string): void {
    const start = this.subject.prefix.replace(/[?*].*/, "");
    if (!path?.startsWith(start))
      throw new BrokenPromise(`${what}: the error does not name the file: ${path}: ${message}`);
  }
}

/** @throws {@link BrokenPromise} if `part` differs from that slice of `whole`. */
function requirePart(whole: Tensor, slice: TensorSlice, part: Tensor): void {
  const shape = sliceShape(whole.shape, slice);
  if (String(shape) !== String(part.shape))
    throw new BrokenPromise(`a slice has the shape [${part.shape}], not [${shape}]`);
  const lanes =
    part.data.length /
    Math.max(
      1,
      shape.reduce((a, b) => a * b, 1),
    );
  if (part.data.length > MOST_COMPARED) return;
  for (let i = 0; i < part.data.length; i++) {
    let rest = Math.floor(i / lanes);
    let at = 0;
    let stride = 1;
    for (let d = shape.length - 1; d >= 0; d--) {
      const extent = slice[d] as TensorSlice[number];
      const start = extent === "full" ? 0 : extent.start;
      at += (start + (rest % (shape[d] as number))) * stride;
      rest = Math.floor(rest / (shape[d] as number));
      stride *= whole.shape[d] as number;
    }
    if (String(part.data[i]) !== String(whole.data[at * lanes + (i % lanes)])) {
      throw new BrokenPromise(`element ${i} of a slice differs from the whole tensor`);
    }
  }
}
