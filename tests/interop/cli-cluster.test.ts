import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toTensor } from "@tfsaver/core";
import { Graph, Variable } from "@tfsaver/graph";
import { Saver } from "@tfsaver/saver";
import { GrpcSession } from "@tfsaver/session-grpc";
import { afterAll, beforeAll, expect, it } from "vitest";
import { tfckpt } from "../../packages/cli/test/run-cli.js";
import { type ServerProcess, startServer } from "../../tools/cluster.js";

let server: ServerProcess;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tfsaver-cli-"));
  server = await startServer();
});
afterAll(async () => {
  await server.kill();
  rmSync(folder, { recursive: true });
});

/** A model that runs on the server, and its `.meta` file. */
async function runningModel() {
  const graph = new Graph();
  const weights = Variable.create([1, 2], { graph, name: "weights" });
  const session = new GrpcSession({ target: server.target, graph });
  await session.run(weights.initializer);
  const meta = join(folder, "model.meta");
  await new Saver({ graph, maxToKeep: 1 }).exportMetaGraph({ filename: meta });
  const set = (values: number[]) => weights.load(toTensor(values), session);
  return { session, weights, meta, set };
}

it("tfckpt saves and restores the variables of a running server, and removes no checkpoint", async () => {
  const { session, weights, meta, set } = await runningModel();
  const prefix = join(folder, "m");
  const on = ["--target", server.target, "--meta", meta, "--prefix"];
  for (const step of ["1", "2"]) {
    expect(await tfckpt(["save", ...on, prefix, "--step", step])).toMatchObject({
      code: 0,
      stdout: `${prefix}-${step}\n`,
      stderr: "",
    });
  }
  expect(existsSync(`${prefix}-1.index`)).toBe(true);
  expect(readFileSync(join(folder, "checkpoint"), "utf8")).toBe(
    [
      `model_checkpoint_path: "${prefix}-2"`,
      `all_model_checkpoint_paths: "${prefix}-1"`,
      `all_model_checkpoint_paths: "${prefix}-2"`,
      "",
    ].join("\n"),
  );
  await set([8, 9]);
  // A folder means its latest checkpoint.
  expect(await tfckpt(["restore", ...on, folder])).toMatchObject({ code: 0, stderr: "" });
  expect((await session.run(weights.snapshot)).data).toEqual(Float32Array.of(1, 2));
  await session.close();
});

it("reports errors with their cause", async () => {
  const { session, meta } = await runningModel();
  await session.close();
  const on = ["--target", server.target, "--meta"];
  expect(await tfckpt(["save", ...on, join(folder, "none.meta"), "--prefix", "m"])).toMatchObject({ code: 3 });
  expect(await tfckpt(["save", ...on, meta])).toMatchObject({ code: 2, stderr: expect.stringContaining("--prefix") });
  expect(await tfckpt(["save", ...on, meta, "--prefix", "m", "--step", "x"])).toMatchObject({ code: 2 });
  expect(await tfckpt(["restore", ...on, meta, "--prefix", join(folder, "nothing")])).toMatchObject({ code: 3 });
  const nobody = ["--target", "grpc://127.0.0.1:1", "--meta", meta, "--timeout", "5"];
  expect(await tfckpt(["save", ...nobody, "--prefix", join(folder, "x")])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("127.0.0.1:1"),
  });
});
