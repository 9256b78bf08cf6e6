import { isCheckpointError, UnavailableError } from "@tfsaver/core";
import { HttpStorage } from "@tfsaver/storage/http";
import type { Place } from "../app/source.js";

/** Largest file that is read whole from a server that can't send parts (64 MiB). */
const MAX_WHOLE_FILE = 64 << 20;

/**
 * Returns the place that a URL names: the last part of its path, in the folder that it lies in.
 *
 * @throws `TypeError` if it is no URL.
 */
export function placeOfUrl(text: string): Place {
  const url = new URL(text, document.baseURI);
  const isFolder = url.pathname.endsWith("/");
  const cut = isFolder ? url.pathname.length : url.pathname.lastIndexOf("/") + 1;
  const folder = new URL(url);
  folder.pathname = url.pathname.slice(0, cut);
  const path = decodeURIComponent(url.pathname.slice(cut));
  const storage = new HttpStorage(folder, { maxWholeFileBytes: MAX_WHOLE_FILE });
  return { name: url.origin + url.pathname, storage, path, explain: (error) => explain(error, url) };
}

/** Says what a page can't know by itself: a browser does not tell a missing answer from a forbidden one. */
function explain(error: Error, url: URL): Error | undefined {
  if (!isCheckpointError(error, "UnavailableError") || url.origin === location.origin) return undefined;
  if (!error.message.includes("no answer")) return undefined;
  return new UnavailableError(
    `${url.host} does not answer, or does not allow this page to read from it. If ${url.origin}${url.pathname} opens in a ` +
      `tab of its own, it is the latter: the server must send Access-Control-Allow-Origin: ${location.origin} (or *), ` +
      "Access-Control-Allow-Headers: Range, and Access-Control-Expose-Headers: Content-Range, ETag",
    { cause: error },
  );
}
