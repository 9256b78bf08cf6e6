import type { Requests } from "./requests.js";

/** The object that requests are about, and what may end them. */
export interface Target {
  readonly requests: Requests;
  /** What the caller of the storage called the file. */
  readonly path: string;
  readonly key: string;
  readonly signal?: AbortSignal | undefined;
}
