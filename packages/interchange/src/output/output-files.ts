import { replacementFilename } from "@tfsaver/checkpoint-names";
import { InvalidArgumentError, NotFoundError, ValueError } from "@tfsaver/core";
import {
  canonicalPath,
  createAtomically,
  dirname,
  type FileInProgress,
  type Storage,
  takesFiles,
  type WritableFile,
} from "@tfsaver/storage";

interface OutputFile {
  readonly path: string;
  readonly pending: FileInProgress;
  /** True if it replaces a file. */
  readonly isReplacement: boolean;
}

/**
 * The files of one export. They get their final names only when all are written and flushed; the last one to be created is
 * committed last.
 */
export class OutputFiles {
  readonly #files: OutputFile[] = [];
  /** Number of files whose commit was begun. */
  #begun = 0;

  /** @param force - replaces files that exist. Default: false, an error, also for one that another writer makes meanwhile */
  constructor(
    private readonly storage: Storage,
    private readonly force = false,
  ) {}

  /**
   * Creates a file under a temporary name.
   *
   * @param expectedBytes - as in `CreateOptions`
   */
  async create(path: string, expectedBytes?: number): Promise<WritableFile> {
    const isReplacement = (await this.storage.stat(path)) !== undefined;
    const pending = await createAtomically(this.storage, path, replacementFilename(path), { expectedBytes });
    this.#files.push({ path, pending, isReplacement });
    return pending.file;
  }

  /** Flushes and closes the file that was created last, so that few files are open. */
  async seal(): Promise<void> {
    await this.#files.at(-1)?.pending.seal();
  }

  /**
   * Gives all files their final names. In a set, the old index is removed first: it must not name files of two sets.
   *
   * @throws `ValueError` if a file has been made meanwhile that must not be replaced.
   */
  async commit(): Promise<void> {
    const index = this.#files.at(-1);
    for (const { pending } of this.#files) await pending.seal();
    for (const { path, pending } of this.#files) {
      if (this.force || pending.workingPath === path) continue;
      if ((await this.storage.stat(path)) !== undefined) throw existsAlready(path);
    }
    if (index?.isReplacement && this.#files.length > 1 && index.pending.workingPath !== index.path) {
      await this.storage.remove(index.path);
    }
    for (const { pending } of this.#files) {
      this.#begun++;
      await pending.commit();
    }
  }

  /** Removes what was written, apart from what has replaced an older file already. Never throws. */
  async discard(): Promise<void> {
    for (const [i, { path, pending, isReplacement }] of this.#files.entries()) {
      await pending.discard();
      if (i < this.#begun && !isReplacement) await this.storage.remove(path).catch(() => undefined);
    }
  }
}

/**
 * Makes sure that files can be written: their folder exists, and no file is replaced unless that is wanted.
 *
 * @param sources - files that are read meanwhile, and are never replaced
 * @throws `ValueError` if a file exists or has no name; `NotFoundError` if the folder does not exist; `InvalidArgumentError` if a
 * source would be replaced.
 */
export async function requireWritable(
  paths: readonly string[],
  storage: Storage,
  { force = false, sources = [] }: { readonly force?: boolean | undefined; readonly sources?: readonly string[] },
): Promise<void> {
  const [first = ""] = paths;
  const folder = dirname(first);
  if (first === "" || first.endsWith("/")) throw new ValueError(`'${first}' has no file name`, { path: first });
  if (!(await takesFiles(storage, folder))) {
    throw new NotFoundError(`${first} can't be written: the folder ${folder} does not exist. Create it first.`, {
      path: folder,
    });
  }
  const read = new Set(await Promise.all(sources.map((path) => canonicalPath(storage, path))));
  for (const path of paths) {
    const found = await storage.stat(path);
    if (found === undefined) continue;
    if (read.has(await canonicalPath(storage, path))) {
      const what = "is the source itself, or belongs to it";
      throw new InvalidArgumentError(`${path} ${what}: choose another destination`, { path });
    }
    if (found.kind !== "file") throw new ValueError(`${path} is no file: choose another destination`, { path });
    if (!force) throw existsAlready(path);
  }
}

function existsAlready(path: string): Error {
  return new ValueError(`${path} exists already: choose another destination, or pass force (tfckpt: --force)`, {
    path,
  });
}
