import { NotFoundError, ValueError } from "@tfsaver/core";
import { normalizePath } from "../path.js";

/** Where the files of a storage are: turns paths into URLs. */
export class Address {
  readonly #base: URL;

  /** @throws `ValueError` if `base` is no URL. Where there is a page, it may be relative to that. */
  constructor(base: string | URL) {
    try {
      this.#base = new URL(base, globalThis.location?.href);
    } catch (cause) {
      throw new ValueError(`Not a base URL: ${base}`, { cause });
    }
    this.#base.hash = "";
    if (!this.#base.pathname.endsWith("/")) this.#base.pathname += "/";
  }

  /**
   * The URL of a file. Every character of the path stands for itself, so all that mean something in a URL are escaped.
   *
   * @throws `NotFoundError` if nothing can be there: above the base URL, or for the name of a directory.
   */
  of(path: string): URL {
    const parts = normalizePath(path).split("/");
    if (parts[0] === "") parts.shift();
    const isFile = !path.endsWith("/") && parts[0] !== "." && parts[0] !== ".." && parts[0] !== "";
    const url = new URL(this.#base);
    if (!isFile || !parts.every(isWellFormed)) {
      throw new NotFoundError(`${path}; No such file or directory below ${withoutSecrets(url)}`, { path });
    }
    url.pathname += parts.map(encodeURIComponent).join("/");
    return url;
  }
}

/** A URL to be shown: a query may be a signature. */
export function withoutSecrets(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

/** Whether a text has UTF-8 bytes, which half a surrogate pair has not. */
function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}
