import type { Storage } from "@tfsaver/storage";
import { HttpStorage } from "@tfsaver/storage/http";

/** A storage, and what to look for in it. */
export interface Place {
  readonly name: string;
  readonly storage: Storage;
  readonly path: string;
}

/** Returns the place that a URL names. The last part of its path is looked for in the folder that it lies in. */
export function placeOfUrl(text: string): Place {
  const url = new URL(text, document.baseURI);
  const cut = url.pathname.replace(/\/$/, "").lastIndexOf("/") + 1;
  const path = decodeURIComponent(url.pathname.slice(cut));
  const folder = new URL(url);
  folder.pathname = url.pathname.slice(0, cut);
  return { name: text, storage: new HttpStorage(folder), path };
}
