/**
 * Reads the times, steps and metrics that a `Saver` notes beside the state file. A separate entry point, because it needs no graph.
 *
 * @packageDocumentation
 */
export { type CheckpointNote, type ReadCheckpointRecordsOptions, readCheckpointRecords } from "./kept/record-file.js";
