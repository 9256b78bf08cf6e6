import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { attr, constant, Graph } from "@tfsaver/graph";
import { FunctionDef, FunctionDefLibrary, NodeDef, OpDef, OpDef_ArgDef } from "@tfsaver/proto/graph";
import { BulkSaverBuilder } from "@tfsaver/saver-builders";
import { GrpcSession } from "@tfsaver/session-grpc";
import { builderSuite, sessionSuite } from "@tfsaver/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ServerProcess, startServer } from "../../tools/cluster.js";

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.kill());

async function onServer() {
  const root = mkdtempSync(join(tmpdir(), "tfsaver-grpc-"));
  // The contract requires a session without variables.
  const config = { isolateSessionState: true };
  return {
    openSession: (graph: Graph) => new GrpcSession({ target: server.target, graph, config }),
    root,
    cleanup: async () => rmSync(root, { recursive: true }),
  };
}

describe("GrpcSession satisfies the session contract", () => {
  for (const { name, run } of sessionSuite(onServer)) it(name, run);
});

describe("BulkSaverBuilder satisfies the builder contract when TensorFlow runs the operations", () => {
  const suite = builderSuite(async () => ({ ...(await onServer()), createBuilder: () => new BulkSaverBuilder() }));
  for (const { name, run } of suite) it(name, run);
});

/** A library function that passes its argument to both inputs of an operation. */
function functionOf(name: string, op: string): Uint8Array {
  const arg = (of: string) => OpDef_ArgDef.create({ name: of, type: 1 });
  return FunctionDef.encode(
    FunctionDef.create({
      signature: OpDef.create({ name, inputArg: [arg("x")], outputArg: [arg("y")] }),
      nodeDef: [NodeDef.create({ name: "n", op, input: ["x", "x"], attr: new Map([["T", attr.type("float32")]]) })],
      ret: new Map([["y", "n:z:0"]]),
    }),
  );
}

it("runs functions, including those added to the graph later", async () => {
  const graph = new Graph();
  const three = constant(3, { graph });
  const session = new GrpcSession({ target: server.target, graph });
  const [double, square] = [functionOf("double", "AddV2"), functionOf("square", "Mul")];
  graph.functionLibrary = FunctionDefLibrary.encode(FunctionDefLibrary.create({ function: [double] }));
  graph.createOperation("double", { name: "doubled", inputs: [three] });
  expect((await session.run("doubled:0")).data).toEqual(Float32Array.of(6));
  graph.functionLibrary = FunctionDefLibrary.encode(FunctionDefLibrary.create({ function: [double, square] }));
  graph.createOperation("square", { name: "squared", inputs: [three] });
  const values = await session.run(["doubled:0", "squared:0"]);
  expect(values.map(({ data }) => data[0])).toEqual([6, 9]);
  await session.close();
});

it("needs no more memory for ten thousand runs than for a thousand", async () => {
  const script = fileURLToPath(new URL("measure-runs.ts", import.meta.url));
  const args = ["--expose-gc", "--conditions=@tfsaver/source", "--import=tsx", script, server.target, "10000"];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
  });
  const [early, late] = JSON.parse(stdout) as [number, number];
  // Less than 500 bytes per run. Each run feeds and fetches 4000 bytes.
  expect(late - early).toBeLessThan(9000 * 500);
});
