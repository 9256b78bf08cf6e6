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
import { type ServerProcess, startServer } from "../../tools/cluster.js";

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
  // Less than 500 bytes a run, where each is fed 4000 and fetches as many.
  expect(late - early).toBeLessThan(9000 * 500);
});
