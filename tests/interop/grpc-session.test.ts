import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Graph } from "@tfsaver/graph";
import { GrpcSession } from "@tfsaver/session-grpc";
import { sessionSuite } from "@tfsaver/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ServerProcess, startServer } from "./cluster.js";

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.kill());

describe("GrpcSession keeps the contract", () => {
  const suite = sessionSuite(async () => {
    const root = mkdtempSync(join(tmpdir(), "tfsaver-grpc-"));
    // Variables of its own, as the contract has it.
    const config = { isolateSessionState: true };
    return {
      openSession: (graph: Graph) => new GrpcSession({ target: server.target, graph, config }),
      root,
      cleanup: async () => rmSync(root, { recursive: true }),
    };
  });
  for (const { name, run } of suite) it(name, run);
});

it("makes ten thousand runs in the memory that a thousand take", async () => {
  const script = fileURLToPath(new URL("measure-runs.ts", import.meta.url));
  const args = ["--expose-gc", "--conditions=@tfsaver/source", "--import=tsx", script, server.target, "10000"];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
  });
  const [early, late] = JSON.parse(stdout) as [number, number];
  expect(late - early).toBeLessThan(2 ** 20);
});
