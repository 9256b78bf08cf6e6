import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Graph, type Session } from "@tfsaver/graph";
import { MetaGraphDef } from "@tfsaver/proto/meta-graph";
import { importMetaGraph, type Saver } from "@tfsaver/saver";
import { valuesOf } from "./content.js";
import type { Tensors } from "./oracle.js";

/** A trained model: its last checkpoint and the values of its variables. */
export interface Trained {
  readonly path: string;
  readonly values: Tensors;
}

/** Does the same as `go_on_training` of tools/oracle/serve.py, with tfsaver. */
export async function goOnTraining(
  openSession: (graph: Graph) => Session,
  meta: string,
  restore: string,
  prefix: string,
  steps: readonly number[],
): Promise<Trained> {
  const graph = new Graph();
  const saver = (await importMetaGraph(meta, { graph, onWarning: () => {} })) as Saver;
  const session = openSession(graph);
  await saver.restore(session, restore);
  let path = restore;
  for (const globalStep of steps) {
    await session.run("train");
    path = (await saver.save(session, prefix, { globalStep })) as string;
  }
  const values = await valuesOf(session);
  await session.close();
  return { path, values };
}

/** Reads every file of a folder, without version stamps in meta graphs and without the folder's path in the state file. */
export function filesOf(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((name) => [name, contentOf(join(folder, name), folder)]),
  );
}

function contentOf(path: string, folder: string): string {
  const bytes = readFileSync(path);
  if (path.endsWith("checkpoint")) return bytes.toString("utf8").replaceAll(folder, "");
  if (!path.endsWith(".meta")) return bytes.toString("hex");
  const metaGraph = MetaGraphDef.decode(bytes);
  Object.assign(metaGraph.metaInfoDef as object, { tensorflowVersion: "", tensorflowGitVersion: "" });
  return Buffer.from(MetaGraphDef.encode(metaGraph)).toString("hex");
}

/** Returns the path of a checkpoint's meta graph. `path` may be the pattern of V1 shards. */
export function metaOf(path: string): string {
  return `${path.replace(/-\?{5}-of-\d{5}$/, "")}.meta`;
}
