import type { Requests } from "./requests.js";

/** The object that requests are about, and what may end them. */
export interface Target {
  readonly requests: Requests;
  /** The path as the caller of the storage gave it, for messages. */
  readonly path: string;
  readonly key: string;
  readonly signal?: AbortSignal | undefined;
}
