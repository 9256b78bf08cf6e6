import { fileURLToPath } from "node:url";
import { Graph, GraphKeys, type Variable } from "@tfsaver/graph";
import { importMetaGraph, Saver } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import { describe, expect, it } from "vitest";
import { errorOf, valuesOf } from "../model.js";

const fixtures = fileURLToPath(new URL("../../../../fixtures/unsupported", import.meta.url));

describe.each([
  { folder: "iterator", key: "OneShotIterator:0_STATE", type: "DeserializeIterator", others: [] },
  { folder: "dense-table", key: "table-keys", type: "MutableDenseHashTableV2", others: ["table-values"] },
])("a saver that also saves what the session has no kernel for ($folder)", ({ folder, key, type, others }) => {
  const prefix = `${fixtures}/${folder}/m`;

  async function imported() {
    const graph = new Graph();
    const warnings: string[] = [];
    const saver = await importMetaGraph(`${prefix}.meta`, { graph, onWarning: (message) => warnings.push(message) });
    const variables = graph.collection(GraphKeys.GLOBAL_VARIABLES) as Variable[];
    return { graph, saver: saver as Saver, session: new LocalSession(graph), variables, warnings };
  }

  it("fails to restore with an error that says what can't be restored, and the ways out", async () => {
    const { saver, session } = await imported();
    const error = await errorOf(() => saver.restore(session, prefix));
    expect(error).toMatchObject({ kind: "UnimplementedError" });
    expect(error.message).toContain(`'${key}'`);
    expect(error.message).toContain(type);
    expect(error.message).toContain('match: "intersect"');
    expect(error.message).toContain('new Saver({ varList: graph.collection("variables") })');
  });

  it('restores the rest with match: "intersect", and warns', async () => {
    const { saver, session, variables, warnings } = await imported();
    expect(await saver.restore(session, prefix, { match: "intersect" })).toEqual({
      restored: ["w"],
      missing: [],
      mismatched: [],
      unused: [key, ...others],
    });
    expect(await valuesOf(session, variables)).toEqual([[1, 2]]);
    expect(warnings.join("\n")).toContain(`'${key}'`);
    expect(warnings.join("\n")).toContain(type);
  });

  it("fails to save with an error that says which operation can't run, and the way out", async () => {
    const { saver, session } = await imported();
    const error = await errorOf(() => saver.save(session, "/nowhere/m", { writeState: false }));
    expect(error).toMatchObject({ kind: "UnimplementedError" });
    expect(error.message).toContain("has no kernel");
    expect(error.message).toContain('new Saver({ varList: graph.collection("variables") })');
  });

  it("restores the variables with a saver of its own", async () => {
    const { graph, session, variables } = await imported();
    await new Saver({ graph, varList: graph.collection("variables") as Variable[] }).restore(session, prefix);
    expect(await valuesOf(session, variables)).toEqual([[1, 2]]);
  });
});
