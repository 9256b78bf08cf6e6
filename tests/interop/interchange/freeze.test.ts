import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freezeGraph } from "@tfsaver/interchange/frozen-graph";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Oracle, type Tensors } from "../oracle.js";

interface Made {
  readonly title: string;
  readonly prefix: string;
  readonly feeds: object;
  readonly out: Tensors[string];
}

interface Frozen {
  readonly out: Tensors[string];
  readonly types: string[];
  readonly nodes: string[];
}

let oracle: Oracle;
let folder: string;
let made: Made[];
beforeAll(async () => {
  oracle = new Oracle();
  folder = mkdtempSync(join(tmpdir(), "tfsaver-freeze-"));
  made = await oracle.ask<Made[]>("make_graphs", { folder });
});
afterAll(() => {
  oracle.close();
  rmSync(folder, { recursive: true });
});

const KINDS = ["dense", "partitioned", "embedding", "loop", "branch", "nested", "dtypes", "call", "convolution"];

it.each(KINDS)("TensorFlow runs the frozen graph '%s' with equal outputs and no variables", async (kind) => {
  const cases = made.filter(({ title }) => title.startsWith(`${kind}-`));
  expect(cases).toHaveLength(4);
  for (const { title, prefix, feeds, out } of cases) {
    const path = join(folder, `${title}.pb`);
    await freezeGraph(`${prefix}.meta`, prefix, path, { outputs: ["out"] });
    const frozen = await oracle.ask<Frozen>("run_frozen", { path, feeds }).catch((error: Error) => {
      throw new Error(`${title}: ${error.message}`);
    });
    expect(frozen.out, title).toEqual(out);
    expect(
      frozen.types.filter((type) => /Var|Assign|Restore|Save|ResourceGather/.test(type)),
      title,
    ).toEqual([]);
  }
});

it.each(["dense", "branch", "loop", "partitioned"])("keeps the nodes of '%s' that TensorFlow keeps", async (kind) => {
  for (const { title, prefix, feeds } of made.filter((item) => item.title.startsWith(`${kind}-`))) {
    const theirs = await oracle.ask<string[]>("freeze_theirs", { prefix }).catch(() => undefined);
    if (theirs === undefined) continue;
    const path = join(folder, `${title}.pb`);
    await freezeGraph(`${prefix}.meta`, prefix, path, { outputs: ["out"], force: true });
    const { nodes } = await oracle.ask<Frozen>("run_frozen", { path, feeds });
    expect(nodes.sort(), title).toEqual(theirs.sort());
  }
});
