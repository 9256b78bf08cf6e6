import { thisProcess } from "@tfsaver/storage/host";

/*
 * A lock file holds one line: a mark, the name of its owner, and a random number that no other lock has. The mark tells it
 * from a file of another program with the same name.
 */

const MARK = "tfsaver ";

/** Limit of a lock file in bytes. */
export const MAX_LOCK_BYTES = 1024;

/** Returns the text of a new lock of this process. */
export function newLockText(): string {
  const [random = 0n] = crypto.getRandomValues(new BigUint64Array(1));
  return `${MARK}${thisProcess()} ${random}\n`;
}

/**
 * Tells if a file holds a lock, or what is left of one: the beginning, if it was not fully written, or zeros in the place of
 * bytes that a loss of power took.
 */
export function isLockText(text: string): boolean {
  if (text.length < MARK.length) return MARK.startsWith(text.replace(/^\0+$/, ""));
  if (text.startsWith("\0")) return true;
  return text.startsWith(MARK) && text.indexOf("\n", MARK.length) === (text.endsWith("\n") ? text.length - 1 : -1);
}

/** Returns the owner that a lock names; undefined if it is not whole. */
export function ownerOf(text: string): string | undefined {
  return text.startsWith(MARK) && text.endsWith("\n") ? text.slice(MARK.length).split(" ")[0] : undefined;
}

/** Describes the owner of a lock for a message. */
export function describeOwner(text: string): string {
  const [machine, owner] = ownerOf(text)?.split("/") ?? [];
  if (machine === undefined || owner === undefined) return "a process that it does not name";
  return machine === "page" ? "a page in a browser" : `process ${owner.split(":")[0]} on ${machine.split(":")[0]}`;
}
