import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Tensor } from "@tfsaver/core";
import { Graph, GraphKeys, type Variable } from "@tfsaver/graph";
import { MetaGraphDef } from "@tfsaver/proto/meta-graph";
import { importMetaGraph, type Saver } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { plainForm } from "./content.js";
import { Oracle, type Tensors } from "./oracle.js";

interface Trained {
  readonly path: string;
  readonly values: Tensors;
}

let oracle: Oracle;
let root: string;
beforeAll(() => {
  oracle = new Oracle();
});
afterAll(() => oracle.close());
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "tfsaver-training-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const whole = (resource: boolean) => [
  {
    name: "weights",
    dtype: "float32",
    value: [
      [0.5, -1],
      [2, 3.25],
    ],
    resource,
    device: "/device:CPU:1",
    scope: "layer",
  },
  { name: "bias", dtype: "float64", value: [0.1], resource },
  { name: "step", dtype: "int64", value: 0, resource, trainable: false },
];
const inParts = (resource: boolean) => [
  ...whole(resource),
  { name: "table", shape: [7, 3], parts: 3, resource, devices: ["/device:CPU:1", "/device:CPU:0", "/device:CPU:2"] },
];

const savers = {
  V2: {},
  "V2 in shards": { sharded: true },
  V1: { write_version: 1 },
  "V1 in shards": { sharded: true, write_version: 1 },
};
const models = { whole, "partitioned and whole": inParts };

const cases = Object.entries(savers).flatMap(([format, saver]) =>
  Object.entries(models).flatMap(([kind, make]) =>
    [false, true].map((resource) => ({
      title: `${kind} ${resource ? "resource" : "reference"} variables in ${format}`,
      variables: make(resource),
      saver: { max_to_keep: 2, ...saver },
    })),
  ),
);

/** What {@link Oracle} does as `go_on_training`, with this project's saver and session. */
async function goOnTraining(meta: string, restore: string, prefix: string, steps: readonly number[]): Promise<Trained> {
  const graph = new Graph();
  const saver = (await importMetaGraph(meta, { graph, onWarning: () => {} })) as Saver;
  const session = new LocalSession(graph);
  await saver.restore(session, restore);
  let path = restore;
  for (const globalStep of steps) {
    await session.run("train");
    path = (await saver.save(session, prefix, { globalStep })) as string;
  }
  return { path, values: await valuesOf(session) };
}

async function valuesOf(session: LocalSession): Promise<Tensors> {
  const variables = session.graph.collection(GraphKeys.GLOBAL_VARIABLES) as Variable[];
  const values = await session.run(variables.map((variable) => variable.snapshot));
  return Object.fromEntries(variables.map(({ op }, i) => [op.name, plainForm(values[i] as Tensor)]));
}

/** Every file of a folder; meta graphs without the stamp of who wrote them, the state file without the folder's name. */
function filesOf(folder: string): Record<string, string> {
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

/** V1 files are named by a pattern, which has no meta graph of its own. */
function metaOf(path: string): string {
  return `${path.replace(/-\?{5}-of-\d{5}$/, "")}.meta`;
}

describe.each(cases)("$title", ({ variables, saver }) => {
  it("are trained in Python, here, in Python and here, with the files that Python alone would have left", async () => {
    const [mixed, alone] = ["mixed", "alone"].map((name) => join(root, name)) as [string, string];
    const start = async (folder: string): Promise<Trained> => {
      mkdirSync(folder);
      return oracle.ask("start_training", { variables, saver, prefix: join(folder, "m"), steps: [1, 2, 3] });
    };
    const python = (folder: string, { path }: Trained, steps: number[]): Promise<Trained> =>
      oracle.ask("go_on_training", { meta: metaOf(path), restore: path, prefix: join(folder, "m"), steps });

    const [first, firstAlone] = [await start(mixed), await start(alone)];
    expect(filesOf(mixed)).toEqual(filesOf(alone));

    const second = await goOnTraining(metaOf(first.path), first.path, join(mixed, "m"), [4, 5, 6]);
    const secondAlone = await python(alone, firstAlone, [4, 5, 6]);
    expect(second.values).toEqual(secondAlone.values);
    expect(filesOf(mixed)).toEqual(filesOf(alone));

    const third = await python(mixed, second, [7, 8, 9]);
    const thirdAlone = await python(alone, secondAlone, [7, 8, 9]);
    expect(third.values).toEqual(thirdAlone.values);
    expect(filesOf(mixed)).toEqual(filesOf(alone));

    const restored = await goOnTraining(metaOf(third.path), third.path, join(mixed, "m"), []);
    expect(restored.values).toEqual(thirdAlone.values);
  });
});
