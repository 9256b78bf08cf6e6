/**
 * Finds the shards of a V1 checkpoint, and commits new shards in place of older ones.
 *
 * @packageDocumentation
 */
export { commitShards, finishShards, settleShards } from "./commit-shards.js";
export { sliceFiles } from "./find-shards.js";
