/** What a `Content-Range` header says. */
export interface ContentRange {
  /** The bytes that are sent; `undefined` if the range that was asked for does not exist. */
  readonly sent?: { readonly start: number; readonly end: number };
  /** Bytes of the whole file; `undefined` if the server does not tell. */
  readonly total?: number;
}

/** Reads a `Content-Range` header. One that makes no sense is as good as none. */
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
