import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runInOwnProcess } from "../../../tests/own-process.js";

const RUN = `
import { CheckpointManager } from "@tfsaver/checkpoint-manager";
import { Graph, Variable } from "@tfsaver/graph";
import { Saver } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
const graph = new Graph();
Variable.create(0, { graph, name: "w" });
const onWarning = () => undefined;
const saver = new Saver({ graph, onWarning });
const session = new LocalSession(graph);
const manager = new CheckpointManager({ saver, session, directory: input, every: { steps: 1 }, onWarning });
try {
  console.log((await manager.restoreOrInitialize()).path);
} catch (error) {
  console.log(error.kind);
}`;

test.for([
  ["in the folder", "m-"],
  ["elsewhere", "/nowhere/m-"],
  ["in a storage that does not exist", "gs://bucket/m-"],
] as const)("a state file that names 30,000 checkpoints %s costs little", async ([, prefix]) => {
  const folder = mkdtempSync(join(tmpdir(), "tfsaver-hostile-"));
  try {
    const paths = Array.from({ length: 30_000 }, (_, i) => `all_model_checkpoint_paths: "${prefix}${i}"\n`);
    writeFileSync(join(folder, "checkpoint"), `model_checkpoint_path: "m-29999"\n${paths.join("")}`);
    expect(await runInOwnProcess(RUN, folder)).toBe("DataLossError\n");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
