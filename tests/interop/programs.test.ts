import { execFileSync } from "node:child_process";
import { GraphDef } from "@tfsaver/proto/graph";
import { expect, it } from "vitest";
import { jsonLines } from "../../fixtures/json-lines.js";
import { Program, type Recorded } from "../../packages/graph/test/program.js";
import { preparePython } from "../../tools/python.js";
import { root } from "../workspace.js";

/** Seed of the first program. `TFSAVER_RANDOM_SEED` sets another one. */
const SEED = Number(process.env.TFSAVER_RANDOM_SEED ?? Date.now() % 1_000_000);
const COUNT = 300;

it(`TensorFlow makes the same graphs of random programs that assign to variables, from seed ${SEED} on`, () => {
  const script = [`${root}/packages/graph/test/tensorflow-programs.py`, `${SEED}`, `${SEED + COUNT}`];
  const stdio = ["ignore", "pipe", "ignore"] as const;
  const printed = execFileSync(preparePython(), script, { encoding: "utf8", maxBuffer: 2 ** 30, stdio: [...stdio] });
  const records = jsonLines<Recorded>(printed).filter(({ graph }) => graph !== undefined);
  expect(records.length).toBeGreaterThan(COUNT / 2);
  for (const { title, program, graph } of records) {
    const made = new Program();
    made.run(program);
    const bytes = GraphDef.encode({ ...made.graph.toGraphDef(true), versions: undefined });
    expect([title, Buffer.from(bytes).toString("base64")]).toEqual([title, graph]);
  }
});
