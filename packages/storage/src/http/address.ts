import { NotFoundError, ValueError } from "@tfsaver/core";
import { normalizePath } from "../paths/path.js";

/** Turns paths below a base URL into URLs. */
export class Address {
  readonly #base: URL;

  /** @throws `ValueError` if `base` is not a URL. In a page, it may be relative to the page. */
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
   * Returns the URL of a file. Characters that are special in a URL are escaped.
   *
   * @throws `NotFoundError` if the path leads above the base URL, or ends like a directory.
   */
  of(path: string): URL {
    const parts = normalizePath(path)
      .split("/")
      .filter((part) => part !== "");
    const isFile = !path.endsWith("/") && parts[0] !== "." && parts[0] !== ".." && parts.length > 0;
    const url = new URL(this.#base);
    if (!isFile || !parts.every(isWellFormed)) {
      throw new NotFoundError(`${path}; No such file or directory below ${withoutSecrets(url)}`, { path });
    }
    url.pathname += parts.map(encodeURIComponent).join("/");
    return url;
  }
}

/** Formats a URL for a message. The query is left out, because it may be a signature. */
export function withoutSecrets(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

/** True if a text can be encoded as UTF-8: it has no lone surrogates. */
function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}
