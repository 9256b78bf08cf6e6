/**
 * Freezes graphs: variables become constants.
 *
 * @packageDocumentation
 */
export { type FreezeGraphOptions, type FrozenGraph, freezeGraph } from "./freeze-graph.js";
