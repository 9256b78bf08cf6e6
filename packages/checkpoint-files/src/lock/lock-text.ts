import { thisProcess } from "@tfsaver/storage/host";

/*
 * The first line of a lock file is its name: a mark, the owner, and a random number that no other lock has. The mark tells it
 * from a file of another program with the same name. A line for each file follows that the owner is about to close at once, on
 * a storage where another process can do that for it.
 */

const MARK = "tfsaver ";

/** Limit of a lock file in bytes: thousands of lines. */
export const MAX_LOCK_BYTES = 1 << 20;

/** The owner that a lock names after its owner has given it up. */
export const NOBODY = "nobody";

/** A file of the checkpoint that is not closed. */
export interface NamedFile {
  /** Last part of its path: it lies beside the lock. */
  readonly name: string;
  readonly ticket: string;
}

/** Returns the name of a new lock of this process. */
export function newLockName(owner: string = thisProcess()): string {
  const [random = 0n] = crypto.getRandomValues(new BigUint64Array(1));
  return `${MARK}${owner} ${random}\n`;
}

/** Returns the text of a lock. */
export function lockText(name: string, files: readonly NamedFile[]): string {
  return name + files.map((file) => `${JSON.stringify([file.name, file.ticket])}\n`).join("");
}

/** Returns the name in the text of a lock. */
export function lockNameIn(text: string): string {
  return text.slice(0, text.indexOf("\n") + 1) || text;
}

/** Returns the files that a lock names. Those of a line that is not whole are left out. */
export function filesIn(text: string): NamedFile[] {
  const lines = text.slice(lockNameIn(text).length).split("\n").slice(0, -1);
  return lines.flatMap((line) => parseFile(line) ?? []);
}

function parseFile(line: string): NamedFile | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!Array.isArray(parsed) || parsed.length !== 2) return undefined;
  const [name, ticket] = parsed as unknown[];
  return typeof name === "string" && typeof ticket === "string" ? { name, ticket } : undefined;
}

/**
 * Tells if a file holds a lock, or what is left of one: the beginning, if it was not fully written, or zeros in the place of
 * bytes that a loss of power took.
 */
export function isLockText(text: string): boolean {
  if (text.length < MARK.length) return MARK.startsWith(text.replace(/^\0+$/, ""));
  if (text.startsWith("\0")) return true;
  if (!text.startsWith(MARK)) return false;
  const lines = text.slice(lockNameIn(text).length).split("\n");
  const last = lines.pop() ?? "";
  return "[".startsWith(last.slice(0, 1)) && lines.every((line) => parseFile(line) !== undefined);
}

/** Returns the owner that a lock names; undefined if it is not whole. */
export function ownerOf(text: string): string | undefined {
  const name = lockNameIn(text);
  return name.startsWith(MARK) && name.endsWith("\n") ? name.slice(MARK.length).split(" ")[0] : undefined;
}

/** Describes the owner of a lock for a message. */
export function describeOwner(text: string): string {
  const [machine, owner] = ownerOf(text)?.split("/") ?? [];
  if (machine === undefined || owner === undefined) return "a process that it does not name";
  return machine === "page" ? "a page in a browser" : `process ${owner.split(":")[0]} on ${machine.split(":")[0]}`;
}
