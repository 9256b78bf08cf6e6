/** The content of a `Content-Range` header. */
export interface ContentRange {
  /** The bytes that are sent; `undefined` if the requested range does not exist. */
  readonly sent?: { readonly start: number; readonly end: number };
  /** Size of the whole file in bytes; `undefined` if the server does not report it. */
  readonly total?: number;
}

/** Parses a `Content-Range` header; `undefined` if it is missing or malformed. */
export function parseContentRange(header: string | null): ContentRange | undefined {
  const match = /^bytes\s+(?:(\d+)-(\d+)|\*)\/(\d+|\*)$/i.exec(header?.trim() ?? "");
  if (match === null) return undefined;
  const [, first, last, all] = match;
  const numbers = [first, last, all].filter((text) => text !== undefined && text !== "*").map(Number);
  if (!numbers.every(Number.isSafeInteger)) return undefined;
  return {
    ...(first === undefined ? {} : { sent: { start: Number(first), end: Number(last) + 1 } }),
    ...(all === "*" ? {} : { total: Number(all) }),
  };
}
