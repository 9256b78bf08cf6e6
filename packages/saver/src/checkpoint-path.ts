import { type OperationOptions, ValueError } from "@tfsaver/core";
import type { Feeds, Session } from "@tfsaver/graph";
import { basename } from "@tfsaver/storage";
import type { SaveOptions } from "./options.js";

/** Digits of a padded step number, its sign included. */
const PADDED_DIGITS = 8;

/** The part of a step that is known before a session is asked. */
export type GlobalStep = NonNullable<SaveOptions["globalStep"]>;

/**
 * The path of a checkpoint at a step: `model-5`, or padded `model-00000005`.
 *
 * @throws `TypeError` if the step is not an integer, nor something of the graph that holds one.
 */
export async function stepPath(
  savePath: string,
  step: GlobalStep,
  padded: boolean,
  session: Session,
  options: OperationOptions,
): Promise<string> {
  const number = await stepNumber(step, session, options);
  return `${savePath}-${padded ? pad(number) : number}`;
}

async function stepNumber(step: GlobalStep, session: Session, options: OperationOptions): Promise<bigint> {
  if (typeof step === "bigint") return step;
  if (typeof step === "boolean") return BigInt(step);
  if (typeof step === "number") {
    if (!Number.isSafeInteger(step)) throw new TypeError(`globalStep must be an integer, not ${step}`);
    return BigInt(step);
  }
  const none: Feeds = {};
  const value = await session.run(step, none, options);
  if (value === null)
    throw new TypeError(`globalStep '${String(step)}' is an operation, not a tensor: is ":0" missing?`);
  const [first] = value.data;
  if (value.data.length !== 1 || (typeof first !== "number" && typeof first !== "bigint")) {
    throw new TypeError(`globalStep must hold one number, not a ${value.dtype} tensor of ${value.data.length}`);
  }
  return BigInt(typeof first === "number" ? Math.trunc(first) : first);
}

function pad(number: bigint): string {
  const sign = number < 0n ? "-" : "";
  return sign + String(number < 0n ? -number : number).padStart(PADDED_DIGITS - sign.length, "0");
}

/** @throws `ValueError` if the state file's name is a path. */
export function requireStateFilename(name: string): void {
  if (name.includes("/")) throw new ValueError(`'latest_filename' must not contain path components, but is '${name}'`);
}

/** @throws `ValueError` if a checkpoint of this path would lie where the state file is. */
export function requireNoCollision(savePath: string, stateFilename: string): void {
  if (basename(savePath) === stateFilename) {
    throw new ValueError(`'latest_filename' collides with 'save_path': '${stateFilename}' and '${savePath}'`);
  }
}
