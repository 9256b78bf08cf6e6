/** The views, in the order of their tabs. */
export const VIEW_NAMES = ["overview", "tensors", "compare", "graph"] as const;

export type ViewName = (typeof VIEW_NAMES)[number];

/** What is seen, as it stands behind the `#` of the page's address. */
export interface Address {
  readonly view: ViewName;
  /** Path of the checkpoint that is shown; undefined for the newest that was opened. */
  readonly checkpoint: string | undefined;
  /** Name of the tensor that is shown. */
  readonly tensor: string | undefined;
  /** What a view keeps in the address beside that, by names of its own: `slice`, `against`, `sort`. */
  readonly params: Readonly<Record<string, string>>;
}

/** What is seen first. */
export const START: Address = { view: "overview", checkpoint: undefined, tensor: undefined, params: {} };

/** Parameters that say which part of the tensor is seen. They mean nothing for another tensor. */
const PART_PARAMS: readonly string[] = ["slice", "axes"];

/** Returns an address with changes. Another tensor is seen from its start. */
export function changedAddress(before: Address, change: Partial<Address>): Address {
  const after = { ...before, ...change };
  if (after.tensor === before.tensor || change.params !== undefined) return after;
  const kept = Object.entries(after.params).filter(([name]) => !PART_PARAMS.includes(name));
  return { ...after, params: Object.fromEntries(kept) };
}

/** Reads an address from the text behind the `#`. Whatever it does not understand is left out. */
export function parseAddress(hash: string): Address {
  const [view = "", query = ""] = splitOnce(hash.replace(/^#/, ""), "?");
  const { checkpoint, tensor, ...params } = Object.fromEntries(new URLSearchParams(query));
  return { view: VIEW_NAMES.find((name) => name === view) ?? START.view, checkpoint, tensor, params };
}

/** Writes an address as the text behind the `#`. `parseAddress` reads it back. */
export function formatAddress({ view, checkpoint, tensor, params }: Address): string {
  const all = { checkpoint, tensor, ...params };
  const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const query = new URLSearchParams(given).toString();
  return query === "" ? view : `${view}?${query}`;
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
