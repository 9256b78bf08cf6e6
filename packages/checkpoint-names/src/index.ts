/**
 * The grammar of TensorFlow's checkpoint files: what a file name says, and how to print one. Pure functions of text; no
 * file is looked at.
 *
 * @packageDocumentation
 */
export { META_GRAPH_SUFFIX, STATE_FILENAME } from "./endings.js";
export type { CheckpointFilename, FileRole, FileStage } from "./filename.js";
export { isPartFilename, parseCheckpointFilename } from "./parse.js";
export {
  allDataPattern,
  allShardsPattern,
  allStagedDataPattern,
  looseDataPattern,
  parseShardFilespec,
  type ShardFilespec,
  shardFilespec,
  wholeShardPattern,
} from "./patterns.js";
export {
  breakingFilename,
  dataFilename,
  finalFilename,
  flatPartPrefix,
  indexFilename,
  lockFilename,
  metaGraphFilename,
  partPrefix,
  partsFolder,
  recordsFilename,
  removingFilename,
  shardFilename,
  stagedDataFilename,
  stagedIndexFilename,
  stagedShardFilename,
  weightsIndexFilename,
  wholeShardFilename,
} from "./print.js";
export { isSavedModelFilename, savedModelFilename, savedModelPrefix } from "./saved-model.js";
export { replacementFilename, temporaryFilename, temporarySuffix, withSuffix } from "./temporary.js";
