/**
 * Formats numbers, sizes, counts and byte strings, and escapes text. A separate entry point, for commands that must start fast.
 *
 * @packageDocumentation
 */

export { escapeUnsafe, isUnsafe } from "./values/escape-unsafe.js";
export { formatBytes, formatCount } from "./values/format-units.js";
export { printable } from "./values/printable.js";
export { quoteBytes } from "./values/quote-bytes.js";
export { shortNumber } from "./values/short-number.js";
