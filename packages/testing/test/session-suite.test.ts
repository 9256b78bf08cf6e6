import type { Graph } from "@tfsaver/graph";
import { LocalSession } from "@tfsaver/session-local";
import { MemoryStorage } from "@tfsaver/storage";
import { sessionSuite } from "@tfsaver/testing";
import { describe, it } from "vitest";

const suite = sessionSuite(async () => {
  const storage = new MemoryStorage();
  await storage.createDirectory("/checkpoints");
  return { openSession: (graph: Graph) => new LocalSession(graph, { storage }), root: "/checkpoints" };
});

describe("LocalSession keeps the contract", () => {
  for (const { name, run } of suite) it(name, run);
});
