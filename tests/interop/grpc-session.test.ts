import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Graph } from "@tfsaver/graph";
import { GrpcSession } from "@tfsaver/session-grpc";
import { sessionSuite } from "@tfsaver/testing";
import { afterAll, beforeAll, describe, it } from "vitest";
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
