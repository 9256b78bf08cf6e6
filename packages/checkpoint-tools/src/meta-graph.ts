/**
 * Summarizes and compares meta graphs. A separate entry point, because it loads the code of graphs.
 *
 * @packageDocumentation
 */
export { type ChangedOperation, diffMetaGraphs, type MetaGraphDifference } from "./meta/diff-meta-graphs.js";
export {
  type CollectionSummary,
  type ConstantSummary,
  type MetaGraphSummary,
  type SignatureSummary,
  type SignatureTensor,
  summarizeMetaGraph,
} from "./meta/summarize-meta-graph.js";
