import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Graph } from "@tfsaver/graph";
import { LocalSession } from "@tfsaver/session-local";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Oracle } from "./oracle.js";
import { filesOf, goOnTraining, metaOf, type Trained } from "./training.js";

const here = (graph: Graph) => new LocalSession(graph);

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

describe.each(cases)("$title", ({ variables, saver }) => {
  it("are trained alternately by Python and tfsaver, with the same files as by Python alone", async () => {
    const [mixed, alone] = ["mixed", "alone"].map((name) => join(root, name)) as [string, string];
    const start = async (folder: string): Promise<Trained> => {
      mkdirSync(folder);
      return oracle.ask("start_training", { variables, saver, prefix: join(folder, "m"), steps: [1, 2, 3] });
    };
    const python = (folder: string, { path }: Trained, steps: number[]): Promise<Trained> =>
      oracle.ask("go_on_training", { meta: metaOf(path), restore: path, prefix: join(folder, "m"), steps });

    const [first, firstAlone] = [await start(mixed), await start(alone)];
    expect(filesOf(mixed)).toEqual(filesOf(alone));

    const second = await goOnTraining(here, metaOf(first.path), first.path, join(mixed, "m"), [4, 5, 6]);
    const secondAlone = await python(alone, firstAlone, [4, 5, 6]);
    expect(second.values).toEqual(secondAlone.values);
    expect(filesOf(mixed)).toEqual(filesOf(alone));

    const third = await python(mixed, second, [7, 8, 9]);
    const thirdAlone = await python(alone, secondAlone, [7, 8, 9]);
    expect(third.values).toEqual(thirdAlone.values);
    expect(filesOf(mixed)).toEqual(filesOf(alone));

    const restored = await goOnTraining(here, metaOf(third.path), third.path, join(mixed, "m"), []);
    expect(restored.values).toEqual(thirdAlone.values);
  });
});
