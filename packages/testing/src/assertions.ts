import { type ErrorKind, isCheckpointError } from "@tfsaver/core";

/** The error of a case that fails: the contract is broken. Works with any test framework. */
export class ContractError extends Error {
  override readonly name = "ContractError";
}

/** Fails unless `condition` is true. */
export function ensure(condition: boolean, problem: string): asserts condition {
  if (!condition) throw new ContractError(problem);
}

/** Fails unless both values have the same JSON text. */
export function ensureEqual(actual: unknown, expected: unknown, what: string): void {
  const [is, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  ensure(is === wanted, `${what}: expected ${wanted} but got ${is}`);
}

/** Fails unless both arrays have the same bytes. */
export function ensureBytes(actual: Uint8Array, expected: Uint8Array, what: string): void {
  ensureEqual(actual.length, expected.length, `${what}, number of bytes`);
  const wrong = actual.findIndex((byte, i) => byte !== expected[i]);
  ensure(wrong < 0, `${what}: byte ${wrong} is ${actual[wrong]}, not ${expected[wrong]}`);
}

/**
 * Fails unless `action` rejects with an error of this kind that names the path, in its `path` and in its message.
 *
 * @param path - the path; if there are several, the error must name one of them
 */
export async function ensureFails(
  action: () => Promise<unknown>,
  kind: ErrorKind,
  path: string | readonly string[],
  what: string,
): Promise<void> {
  let error: unknown;
  try {
    await action();
  } catch (thrown) {
    error = thrown;
  }
  ensure(error !== undefined, `${what}: expected a ${kind} but it succeeded`);
  ensure(isCheckpointError(error, kind), `${what}: expected a ${kind} but got ${String(error)}`);
  const named = error.path;
  const wanted: readonly string[] = typeof path === "string" ? [path] : path;
  ensure(
    named !== undefined && wanted.includes(named),
    `${what}: the error is about ${named}, not ${wanted.join(" or ")}`,
  );
  ensure(error.message.includes(named), `${what}: the message does not name ${named}: ${error.message}`);
}

/** Fails unless `action` rejects with an error of this kind; returns the error. */
export async function ensureRejects(
  action: () => Promise<unknown>,
  kind: ErrorKind | "TypeError",
  what: string,
): Promise<Error> {
  let error: unknown;
  try {
    await action();
  } catch (thrown) {
    error = thrown;
  }
  ensure(error !== undefined, `${what}: expected a ${kind} but it succeeded`);
  const isKind = kind === "TypeError" ? error instanceof TypeError : isCheckpointError(error, kind);
  ensure(isKind, `${what}: expected a ${kind} but got ${String(error)}`);
  return error as Error;
}
