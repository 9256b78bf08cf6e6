import { flatPartPrefix, partPrefix } from "@tfsaver/checkpoint-names";
import { attr, constant, type Graph, type Operation, type Output } from "@tfsaver/graph";

function only(op: Operation): Output {
  return op.outputs[0] as Output;
}

function int32(graph: Graph, value: number, name: string): Output {
  return constant(value, { graph, name, dtype: "int32" });
}

/** Adds the number of shards as a constant. */
export function shardCount(graph: Graph, count: number): Output {
  return int32(graph, count, "num_shards");
}

/** Adds the name of one shard's file (`tf.raw_ops.ShardedFilename`). */
export function shardedFilename(basename: Output, shard: number, numShards: Output): Output {
  const { graph } = basename;
  return graph.withNameScope("ShardedFilename", (scope) =>
    only(
      graph.createOperation("ShardedFilename", {
        name: scope,
        inputs: [basename, int32(graph, shard, "shard"), numShards],
      }),
    ),
  );
}

/** Adds the pattern that matches the files of all shards (`tf.raw_ops.ShardedFilespec`). */
export function shardedFilespec(basename: Output, numShards: Output): Output {
  return only(basename.graph.createOperation("ShardedFilespec", { inputs: [basename, numShards] }));
}

/**
 * Adds the prefix under which shards are written before they are merged: in a folder of their own, or beside the
 * checkpoint on an object store (`s3://`), which can't rename folders.
 */
export function temporaryPrefix(prefix: Output): Output {
  const { graph } = prefix;
  return graph.withDevice("/device:CPU:*", () => {
    const isObjectStore = graph.createOperation("StaticRegexFullMatch", {
      inputs: [prefix],
      attrs: { pattern: attr.string("^s3://.*") },
    });
    const beside = constant(flatPartPrefix(""), { graph });
    const folder = constant(partPrefix(""), { graph });
    const suffix = graph.createOperation("Select", {
      inputs: [only(isObjectStore), beside, folder],
      attrs: { T: attr.type("string") },
    });
    return only(graph.createOperation("StringJoin", { inputs: [prefix, only(suffix)], attrs: { N: attr.int(2) } }));
  });
}

/** Adds the operation that merges the checkpoints `prefixes` into one (`tf.raw_ops.MergeV2Checkpoints`). */
export function mergeV2Checkpoints(prefixes: readonly Output[], destination: Output): Operation {
  const { graph } = destination;
  return graph.withNameScope("MergeV2Checkpoints", (scope) => {
    const packed = graph.createOperation("Pack", {
      name: "checkpoint_prefixes",
      inputs: prefixes,
      attrs: { N: attr.int(prefixes.length), T: attr.type("string") },
    });
    return graph.createOperation("MergeV2Checkpoints", { name: scope, inputs: [only(packed), destination] });
  });
}
