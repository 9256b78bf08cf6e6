/**
 * Formats sizes, counts and byte strings. A separate entry point, for commands that must start fast.
 *
 * @packageDocumentation
 */

export { formatBytes, formatCount } from "./values/format-units.js";
export { quoteBytes } from "./values/quote-bytes.js";
