import {
  type CheckpointReader,
  openCheckpoint,
  type PlannedRead,
  type TensorInfo,
  type TensorRequest,
  type TensorSource,
} from "@tfsaver/checkpoint-reader";
import { FailedPreconditionError, isNumeric } from "@tfsaver/core";
import { interchangeFormat } from "@tfsaver/interchange";
import type { FileRange, StoredForm } from "@tfsaver/interchange/safetensors";
import type { CallOptions, Storage } from "@tfsaver/storage";
import type { Calls } from "../rpc/index.js";
import { RemoteStorage } from "../storage/remote-storage.js";
import type { StorageContract } from "../storage/storage-contract.js";
import { listTensors, type UnreadableEntry } from "./list-tensors.js";
import { OTHERS } from "./other-formats.js";

/** A checkpoint, or a file of another format, that is open in the worker. */
export interface OpenFile {
  readonly id: number;
  /** Number of its storage. */
  readonly source: number;
  readonly storage: Storage;
  readonly prefix: string;
  readonly format: string;
  readonly numShards: number;
  /** Reads the tensors. */
  readonly tensors: TensorSource;
  /** Reads what only checkpoints have; undefined for a file of another format. */
  readonly checkpoint: CheckpointReader | undefined;
  /** Tells how a tensor is stored. */
  form(info: TensorInfo): StoredForm;
  /** Finds the bytes of a tensor, or of a slice as it is stored; undefined if the format does not tell. */
  locate(request: TensorRequest, options: CallOptions): Promise<FileRange | undefined>;
  /** Facts about all tensors by name, sorted by the UTF-8 bytes of their names. */
  readonly infos: ReadonlyMap<string, TensorInfo>;
  /** Entries of the index that can't be read. */
  readonly unreadable: readonly UnreadableEntry[];
}

type Opened = Omit<OpenFile, "id" | "source" | "storage" | "infos" | "unreadable">;

async function openAny(path: string, storage: Storage, { signal }: CallOptions): Promise<Opened> {
  const format = interchangeFormat(path);
  if (format === undefined) {
    const checkpoint = await openCheckpoint(path, { storage, signal });
    const { prefix, numShards } = checkpoint;
    const isBundle = checkpoint.format === "V2";
    return {
      prefix,
      format: checkpoint.format,
      numShards,
      tensors: checkpoint,
      checkpoint,
      form: ({ dtype }) => ({ inParts: isBundle && isNumeric(dtype), hasChecksum: true }),
      locate: async (request, others) => joinedRange(await checkpoint.plan([request], others)),
    };
  }
  const tensors = await OTHERS[format](path, { storage, signal });
  return {
    prefix: path,
    format,
    numShards: tensors.paths.length,
    tensors,
    checkpoint: undefined,
    form: ({ name }) => tensors.form(name),
    locate: ({ name }, others) => tensors.locate(name, others),
  };
}

/** Returns the range that the reads of one slice are parts of. */
function joinedRange(reads: readonly PlannedRead[]): FileRange | undefined {
  const [first] = reads;
  return first && { ...first, length: reads.reduce((sum, { length }) => sum + length, 0) };
}

/** The files that are open, by number. */
export class OpenFiles {
  readonly #files = new Map<number, OpenFile>();
  readonly #storages = new Map<number, Storage>();
  #last = 0;

  constructor(private readonly calls: Calls<StorageContract>) {}

  /** Returns the storage of the page that has this number. */
  storage(source: number): Storage {
    const storage = this.#storages.get(source) ?? new RemoteStorage(this.calls, source);
    this.#storages.set(source, storage);
    return storage;
  }

  async open(source: number, path: string, options: CallOptions): Promise<OpenFile> {
    const storage = this.storage(source);
    const opened = await openAny(path, storage, options);
    const listed = await listTensors(opened.tensors, opened.checkpoint, { ...options, storage });
    const file = { ...opened, ...listed, id: ++this.#last, source, storage };
    this.#files.set(file.id, file);
    return file;
  }

  /** @throws `FailedPreconditionError` if there is no open file of this number. */
  get(id: number): OpenFile {
    const file = this.#files.get(id);
    if (file === undefined) throw new FailedPreconditionError(`Checkpoint ${id} is not open`);
    return file;
  }
}
