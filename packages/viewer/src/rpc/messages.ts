import type { Progress } from "@tfsaver/core";
import type { WireError } from "./wire-error.js";

/** What the caller sends: a call, or the wish to stop one. */
export type CallMessage =
  | { readonly id: number; readonly method: string; readonly request: unknown }
  | { readonly id: number; readonly abort: true };

/** What the other side answers: progress any number of times, then a result or an error. */
export type AnswerMessage =
  | { readonly id: number; readonly progress: Progress }
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: WireError };

/** The methods that one side offers. Each takes one value that can be cloned, and returns another. */
export type Contract<C> = { readonly [M in keyof C]: (request: never) => unknown };
