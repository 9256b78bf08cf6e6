import type { PreparedFile } from "@tfsaver/storage";
import { thisProcess } from "@tfsaver/storage/host";

/*
 * The first line of a lock file is its name: a mark, the owner, and a random number that no other lock has. The mark tells it
 * from a file of another program with the same name. Where the owner replaces a checkpoint, and another process can go on for it,
 * JSON arrays follow, one a line: `[keptAs]`, and for each new file `[name, waitsAs]` or `[name, ticket, mark]`.
 */

const MARK = "tfsaver ";

/** Limit of a lock file in bytes: thousands of lines. */
export const MAX_LOCK_BYTES = 1 << 20;

/** The owner that a lock names after its owner has given it up. */
export const NOBODY = "nobody";

/** A new file of a checkpoint that no reader sees yet. It waits under a temporary name, or was prepared and not closed. */
export type WaitingFile = {
  /** The last part of its path: it lies beside the lock. */
  readonly name: string;
} & ({ readonly waitsAs: string; readonly prepared?: undefined } | { readonly prepared: PreparedFile });

/** A checkpoint that is being replaced. All names are last parts of paths beside the lock. */
export interface Replacement {
  /** The temporary name for the file on which readers of the older checkpoint depend, until all new files are there. */
  readonly keptAs: string;
  /** The new files in the order in which they appear. Readers depend on the last one. */
  readonly files: readonly WaitingFile[];
}

/** Returns the temporary names in a replacement. */
export function temporaryNamesOf({ keptAs, files }: Replacement): ReadonlySet<string> {
  return new Set([keptAs, ...files.flatMap((file) => (file.prepared ? [] : file.waitsAs))]);
}

/** Returns the name of a new lock of this process. */
export function newLockName(owner: string = thisProcess()): string {
  const [random = 0n] = crypto.getRandomValues(new BigUint64Array(1));
  return `${MARK}${owner} ${random}\n`;
}

/** Returns the text of a lock. */
export function lockText(name: string, replacement?: Replacement): string {
  if (replacement === undefined) return name;
  const files = replacement.files.map((file) =>
    file.prepared ? [file.name, file.prepared.ticket, file.prepared.mark] : [file.name, file.waitsAs],
  );
  return name + [[replacement.keptAs], ...files].map((line) => `${JSON.stringify(line)}\n`).join("");
}

/** Returns the name in the text of a lock. */
export function lockNameIn(text: string): string {
  return text.slice(0, text.indexOf("\n") + 1) || text;
}

/** Returns the replacement that a lock names; undefined if it names none. A line that is not whole is left out. */
export function replacementIn(text: string): Replacement | undefined {
  const [kept, ...lines] = text.slice(lockNameIn(text).length).split("\n").slice(0, -1).map(parseLine);
  const files = lines.flatMap(([name = "", second = "", mark] = []): WaitingFile[] => {
    if (name === "" || second === "") return [];
    return [mark === undefined ? { name, waitsAs: second } : { name, prepared: { ticket: second, mark } }];
  });
  return kept?.length === 1 && files.length > 0 ? { keptAs: kept[0] as string, files } : undefined;
}

function parseLine(line: string): string[] | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!Array.isArray(parsed) || parsed.length < 1 || parsed.length > 3) return undefined;
  return parsed.every((part) => typeof part === "string") ? parsed : undefined;
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
  return "[".startsWith(last.slice(0, 1)) && lines.every((line) => parseLine(line) !== undefined);
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
