import { type OperationOptions, type Tensor, ValueError } from "@tfsaver/core";
import type { Feeds, Output, Session, Variable } from "@tfsaver/graph";
import { basename } from "@tfsaver/storage";
import type { SaveOptions } from "../options/saver-options.js";

/** Digits of a padded step number, including the sign. */
const PADDED_DIGITS = 8;

/** A step number, or a graph element that holds one. */
export type GlobalStep = NonNullable<SaveOptions["globalStep"]>;

/** Returns the path of a checkpoint at a step: `model-5`, or padded `model-00000005`. */
export function stepPath(savePath: string, step: bigint, padded: boolean): string {
  return `${savePath}-${padded ? pad(step) : step}`;
}

/**
 * Returns a step as a number.
 *
 * @param session - reads a step that the graph holds; `null` if there is no graph
 * @throws `TypeError` if it is neither an integer nor a graph element that holds one.
 */
export async function stepNumber(
  step: GlobalStep,
  session: Pick<Session, "run"> | null,
  options: OperationOptions,
): Promise<bigint> {
  if (typeof step === "bigint") return step;
  if (typeof step === "boolean") return BigInt(step);
  if (typeof step === "number") {
    if (!Number.isSafeInteger(step)) throw new TypeError(`globalStep must be an integer, not ${step}`);
    return BigInt(step);
  }
  const value = await heldBy(step, session, options);
  if (value === null)
    throw new TypeError(`globalStep '${String(step)}' is an operation, not a tensor: is ":0" missing?`);
  const [first] = value.data;
  if (value.data.length !== 1 || (typeof first !== "number" && typeof first !== "bigint")) {
    throw new TypeError(
      `globalStep must hold one number, not a ${value.dtype} tensor of ${value.data.length} elements`,
    );
  }
  return BigInt(typeof first === "number" ? Math.trunc(first) : first);
}

async function heldBy(
  step: Output | Variable | Tensor | string,
  session: Pick<Session, "run"> | null,
  options: OperationOptions,
): Promise<Tensor | null> {
  if (typeof step === "object" && "data" in step) return step;
  if (session === null)
    throw new TypeError("globalStep must be a number or a host tensor for an eager saver, which has no graph");
  const none: Feeds = {};
  return await session.run(step, none, options);
}

function pad(number: bigint): string {
  const sign = number < 0n ? "-" : "";
  return sign + String(number < 0n ? -number : number).padStart(PADDED_DIGITS - sign.length, "0");
}

/** @throws `ValueError` if the name of the state file is a path. */
export function requireStateFilename(name: string): void {
  if (basename(name) !== name)
    throw new ValueError(`'latest_filename' must not contain path components, but is '${name}'`);
}

/** @throws `ValueError` if a checkpoint would have the path of the state file. */
export function requireNoCollision(savePath: string, stateFilename: string): void {
  if (basename(savePath) === stateFilename) {
    throw new ValueError(`'latest_filename' collides with 'save_path': '${stateFilename}' and '${savePath}'`);
  }
}

/** Returns the path of the debug information beside a meta graph: `_debug` goes before the extension. */
export function debugInfoFilename(filename: string): string {
  const dot = filename.lastIndexOf(".");
  const end = dot > filename.length - basename(filename).length ? dot : filename.length;
  return `${filename.slice(0, end)}_debug${filename.slice(end)}`;
}
