/**
 * How to say sizes, counts and texts: without the rest, for commands that must start fast.
 *
 * @packageDocumentation
 */

export { formatBytes, formatCount } from "./values/format-units.js";
export { quoteBytes } from "./values/quote-bytes.js";
