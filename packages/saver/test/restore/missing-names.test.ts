import { Graph, GraphKeys, PartitionedVariable, Variable } from "@tfsaver/graph";
import { Saver } from "@tfsaver/saver";
import { HostVariable } from "@tfsaver/saver-builders";
import { LocalSession } from "@tfsaver/session-local";
import { MemoryStorage } from "@tfsaver/storage";
import { describe, expect, it } from "vitest";
import { errorOf, initializedSession, valuesOf } from "../model.js";

const storage = new MemoryStorage();
/** Variables of a graph by their names, as the error's code expects them. */
const byNameOf = (graph: Graph) =>
  new Map((graph.collection(GraphKeys.GLOBAL_VARIABLES) as Variable[]).map((variable) => [variable.op.name, variable]));

/** A graph of these variables, all [1, 2] at first. */
function graphOf(...names: string[]): Graph {
  const graph = new Graph();
  for (const name of names) Variable.create([1, 2], { graph, name });
  return graph;
}

/** Saves variables under these names, with the values [i, i]. */
async function save(path: string, ...names: string[]): Promise<void> {
  const graph = new Graph();
  const variables = names.map((name, i) => [name, Variable.create([i, i], { graph, name: `v${i}` })] as const);
  await new Saver({ graph, storage, varList: new Map(variables) }).save(await initializedSession(graph, storage), path);
}

async function failure(graph: Graph, path: string) {
  return errorOf(() => new Saver({ graph, storage }).restore(new LocalSession(graph, { storage }), path));
}

/** Evaluates the code that an error proposes. */
function varListIn(message: string, byName: ReadonlyMap<string, unknown>): Map<string, Variable> {
  const code = message.slice(message.indexOf("new Map(["), message.lastIndexOf("])") + 2);
  return new Function("byName", `return ${code}`)(byName);
}

describe("a restore from a checkpoint that lacks names", () => {
  it("begins with TensorFlow's text, and names all of them", async () => {
    await save("plain", "fc/weights", "fc/biases");
    const error = await failure(graphOf("x", "y", "fc/weights"), "plain");
    expect(error.kind).toBe("NotFoundError");
    expect(error.message).toMatch(/^Restoring from checkpoint failed\. [\s\S]*\n\nKey x not found in checkpoint/);
    expect(error.message).toContain("\n\nCheckpoint: plain, tensor or variable: x\n\n");
    expect(error.message).toMatch(/Not in the checkpoint: 2 of 3 names: x, y\n\nIt has no similar names$/);
  });

  it("shortens the list of many names", async () => {
    await save("one", "other");
    const names = Array.from({ length: 50 }, (_, i) => `layer_${String(i).padStart(2, "0")}/w`);
    const { message } = await failure(graphOf(...names), "one");
    expect(message).toContain("50 of 50 names: layer_00/w, ");
    expect(message).toContain("layer_19/w and 30 more\n");
    expect(message).not.toContain("layer_20/w");
  });

  it.each<[string, readonly string[], readonly string[]]>([
    ["with `:0`", ["fc/weights", "fc/biases"], ["fc/weights:0", "fc/biases:0"]],
    ["under another scope", ["rnn/fc/weights", "rnn/fc/biases"], ["fc/weights", "fc/biases"]],
    ["under another scope, in another form", ["rnn/fc/weights", "rnn/fc/bias"], ["fc/weights", "fc/biases"]],
    ["with the same shape and last part", ["student/a/kernel", "student/b/bias"], ["x/y/kernel", "x/y/bias"]],
    ["of which one is right", ["same", "m/fc/w"], ["same", "fc/w"]],
    ["with other numbers", ["dense/kernel", "dense_1/kernel"], ["dense_1/kernel:0", "dense/kernel:0"]],
  ])("proposes a varList for names %s, which restores", async (_, names, stored) => {
    await save("stored", ...stored);
    const graph = graphOf(...names);
    const { message } = await failure(graph, "stored");
    for (const key of stored.filter((key) => !names.includes(key))) expect(message).toContain(` -> ${key}\n`);
    const byName = byNameOf(graph);
    const varList = varListIn(message, byName);
    expect([...varList.keys()].sort()).toEqual([...stored].sort());
    const session = new LocalSession(graph, { storage });
    await new Saver({ graph, storage, varList }).restore(session, "stored");
    for (const [key, variable] of varList) {
      const value = stored.indexOf(key);
      expect(await valuesOf(session, [variable])).toEqual([[value, value]]);
    }
  });

  it("proposes no tensor of another shape or dtype, and none twice", async () => {
    await save("stored", "fc/w");
    const graph = new Graph();
    Variable.create([1, 2, 3], { graph, name: "m/fc/w" });
    expect((await failure(graph, "stored")).message).toMatch(/It has no similar names$/);
    const { message } = await failure(graphOf("m/fc/w", "n/fc/w"), "stored");
    expect(message.match(/ -> fc\/w$/gm)).toHaveLength(1);
  });

  it("shortens the varList of many variables", async () => {
    const names = Array.from({ length: 30 }, (_, i) => `v${i}`);
    await save("stored", ...names, "fc/w:0");
    const { message } = await failure(graphOf(...names, "fc/w"), "stored");
    expect(message).toContain('["fc/w:0", byName.get("fc/w")],');
    expect(message).toContain("  // and 11 more, under their own names\n])");
    expect(varListIn(message, new Map()).size).toBe(20);
  });

  it("explains it for partitioned variables and for values in no graph", async () => {
    await save("stored", "scope/p");
    const graph = new Graph();
    PartitionedVariable.create([1, 2], { graph, name: "p", partitions: 2 });
    expect((await failure(graph, "stored")).message).toContain("  p -> scope/p\n");
    const host = new HostVariable([1, 2], { name: "p" });
    const eager = new Saver({ varList: [host], storage, eager: (graph) => new LocalSession(graph, { storage }) });
    expect((await errorOf(() => eager.restore(null, "stored"))).message).toContain("  p -> scope/p\n");
  });
});
