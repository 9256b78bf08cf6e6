/**
 * `tf.compat.v1.train.Saver` for TypeScript.
 *
 * @packageDocumentation
 */
export { importMetaGraph } from "./import-meta-graph.js";
export type { ImportOptions, SaveOptions, SaverExportOptions, SaverOptions } from "./options.js";
export { Saver } from "./saver.js";
