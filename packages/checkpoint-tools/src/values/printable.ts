import { isUnsafe } from "./escape-unsafe.js";
import { quoteBytes } from "./quote-bytes.js";

/** Returns a name as it is, or quoted if it contains characters that would be escaped or break a line. */
export function printable(name: string): string {
  return isUnsafe(name) ? quoteBytes(new TextEncoder().encode(name)) : name;
}
