import { type ErrorKind, isCheckpointError, UnavailableError } from "@tfsaver/core";
import type { DirectoryEntry, FileStat } from "@tfsaver/storage";
import { HttpStorage } from "@tfsaver/storage/http";
import type { Place } from "../app/source.js";
import { errorOfKind } from "../rpc/error-of-kind.js";

/** Returns the place that `serveViewer` serves beside the page. */
export function servedPlace(path: string): Place {
  return { name: path || "folder", storage: new ServedStorage(new URL(".", document.baseURI)), path };
}

/** The files beside the page, which its server can also list. */
class ServedStorage extends HttpStorage {
  readonly #base: URL;

  constructor(base: URL) {
    super(new URL("files/", base));
    this.#base = base;
  }

  override async stat(path: string): Promise<FileStat | undefined> {
    try {
      return (await this.#json<FileStat | null>("stat", path)) ?? undefined;
    } catch (error) {
      // A state file may name paths outside of the folder, where nothing is for this page.
      if (isCheckpointError(error, "PermissionDeniedError")) return undefined;
      throw error;
    }
  }

  override list(path: string): Promise<DirectoryEntry[]> {
    return this.#json("list", path);
  }

  async #json<T>(kind: "stat" | "list", path: string): Promise<T> {
    const name = path === "." ? "" : path.split("/").map(encodeURIComponent).join("/");
    const response = await fetch(new URL(`${kind}/${name}`, this.#base)).catch((cause: unknown) => {
      throw new UnavailableError(`${path}: the viewer's server does not answer. Was tfckpt view ended?`, {
        path,
        cause,
      });
    });
    if (response.ok) return (await response.json()) as T;
    const message = (await response.text()).trim();
    throw errorOfKind(KINDS[response.status] ?? "UnknownError", message, { path });
  }
}

const KINDS: Readonly<Record<number, ErrorKind>> = {
  403: "PermissionDeniedError",
  404: "NotFoundError",
  501: "UnimplementedError",
};
