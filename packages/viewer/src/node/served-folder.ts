import { realpath } from "node:fs/promises";
import { NotFoundError, PermissionDeniedError } from "@tfsaver/core";
import {
  canonicalPath,
  type DirectoryEntry,
  type FileStat,
  joinPath,
  type ReadableFile,
  type Storage,
} from "@tfsaver/storage";

/** A folder of a storage, of which nothing outside can be reached. */
export class ServedFolder {
  private constructor(
    private readonly storage: Storage,
    private readonly folder: string,
    private readonly isLocal: boolean,
  ) {}

  /** @throws `NotFoundError` if there is no such folder. A web server has none, so a URL is not looked at. */
  static async open(storage: Storage, folder: string): Promise<ServedFolder> {
    const isLocal = !/^[a-z][a-z0-9+.-]+:\/\//i.test(folder);
    if (isLocal && (await storage.stat(folder))?.kind !== "directory") {
      throw new NotFoundError(`There is no folder ${folder}`, { path: folder });
    }
    return new ServedFolder(storage, folder, isLocal);
  }

  async open(path: string): Promise<ReadableFile> {
    return this.storage.open(await this.#within(path));
  }

  async stat(path: string): Promise<FileStat | undefined> {
    return this.storage.stat(await this.#within(path));
  }

  async list(path: string): Promise<DirectoryEntry[]> {
    return this.storage.list(await this.#within(path));
  }

  /** @throws `PermissionDeniedError` if a path, or what it links to, is outside of the folder. */
  async #within(path: string): Promise<string> {
    const full = path === "" || path === "." ? this.folder : joinPath(this.folder, path);
    const [inside, outside] = await Promise.all([this.#targetOf(full), this.#targetOf(this.folder)]);
    const isInside = `${inside}/`.startsWith(outside.endsWith("/") ? outside : `${outside}/`);
    if (!path.startsWith("/") && isInside) return full;
    throw new PermissionDeniedError(`${path} is outside of ${this.folder}, and is not served`, { path });
  }

  /** Returns the path behind all links. A storage follows links of folders only. */
  async #targetOf(path: string): Promise<string> {
    const canonical = await canonicalPath(this.storage, path);
    if (!this.isLocal) return canonical;
    // What is not there links to nothing.
    return realpath(canonical).catch(() => canonical);
  }
}
