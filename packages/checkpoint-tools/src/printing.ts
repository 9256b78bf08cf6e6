/**
 * How to say sizes, counts and texts: without the rest, for commands that must start fast.
 *
 * @packageDocumentation
 */
export { quoteBytes } from "./text.js";
export { formatBytes, formatCount } from "./units.js";
