import { ValueError } from "@tfsaver/core";
import { VersionDef } from "@tfsaver/proto/graph";

/** The version of the graphs that TensorFlow 2.21 makes (`tf.version.GRAPH_DEF_VERSION`). */
export const GRAPH_VERSION = 2474;

/** @throws `ValueError` if a graph says that TensorFlow 2.21 can't read it. */
export function requireReadable(versions: VersionDef | undefined): void {
  if (versions === undefined) return;
  const { minConsumer, badConsumers } = versions;
  if (minConsumer > GRAPH_VERSION) {
    throw new ValueError(
      `The graph needs a reader of graph version ${minConsumer} or newer; this reader has version ${GRAPH_VERSION}`,
    );
  }
  if (badConsumers.includes(GRAPH_VERSION)) {
    throw new ValueError(`The graph rules out readers of graph version ${GRAPH_VERSION}, which is that of this reader`);
  }
}

/** Combines the versions of two graphs: a reader of the result must be able to read both. */
export function mergeVersions(versions: VersionDef, added: VersionDef | undefined): VersionDef {
  if (added === undefined) return versions;
  return VersionDef.create({
    producer: Math.min(versions.producer, added.producer),
    minConsumer: Math.max(versions.minConsumer, added.minConsumer),
    badConsumers: [...new Set([...versions.badConsumers, ...added.badConsumers])].sort((a, b) => a - b),
  });
}
