import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { latestCheckpoint } from "@tfsaver/checkpoint-state";
import { afterAll, beforeAll, expect, it } from "vitest";
import { contentOf } from "./content.js";
import { Oracle, type Tensors } from "./oracle.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

let oracle: Oracle;
beforeAll(() => {
  oracle = new Oracle();
});
afterAll(() => oracle.close());

it("TensorFlow restores the quickstart's last checkpoint through its meta graph, every value equal", async () => {
  const tsx = ["--import", "tsx", "--conditions=@tfsaver/source", "examples/quickstart/src/main.ts"];
  const printed = execFileSync(process.execPath, tsx, { cwd: root, encoding: "utf8" });
  expect(printed).toContain("variables are equal, byte for byte");

  const prefix = (await latestCheckpoint(`${root}quickstart-output`)) as string;
  const { restored } = await oracle.ask<{ restored: Tensors }>("restore_with_meta", { meta: `${prefix}.meta`, prefix });
  const content = await contentOf(prefix);
  expect(Object.keys(content)).toContain("dense1/kernel");
  expect(restored).toEqual(content);
});
