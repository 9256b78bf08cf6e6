import { Graph, type Operation, Variable } from "@tfsaver/graph";
import { importMetaGraph, Saver, saverFromObjectBasedCheckpoint } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import { describe, expect, it } from "vitest";
import { goldensFolder } from "../../../../fixtures/goldens.js";
import { smallModel } from "../model.js";

const DEVICE = "/device:CPU:3";

/** Runs an action inside scopes of every kind. Returns its result and the operation that others wait for. */
function inScopes<T>(graph: Graph, action: () => T): { result: T; before: Operation } {
  const before = graph.createOperation("NoOp", { name: "before" });
  const result = graph.withNameScope("scope", () =>
    graph.withDevice(DEVICE, () => graph.withControlDependencies([before], action)),
  );
  return { result, before };
}

/** Names, devices and control inputs of the operations that were added. */
function formOf(graph: Graph, size: number) {
  return graph.operations.slice(size).map(({ name, device, controlInputs }) => ({
    name,
    device,
    before: [...controlInputs].map((op) => op.name),
  }));
}

describe("a call that waits for a file keeps the scopes around it:", () => {
  it("importMetaGraph of a file does what it does with the message", async () => {
    const { saver, storage, session } = await smallModel();
    await saver.save(session, "m");
    const metaGraph = await saver.exportMetaGraph();
    const forms = [];
    for (const source of ["m.meta", metaGraph]) {
      const graph = new Graph();
      const { result } = inScopes(graph, () => importMetaGraph(source, { graph, storage }));
      await result;
      expect(graph.scopes.name).toBe("");
      forms.push(formOf(graph, 1));
    }
    const [ofFile, ofMessage] = forms;
    expect(ofFile).toEqual(ofMessage);
    expect(ofFile?.length).toBeGreaterThan(10);
    for (const { name, before } of ofFile ?? []) {
      expect(name).toMatch(/^scope\//);
      expect(before).toContain("before");
    }
    expect(ofFile?.find(({ name }) => name === "scope/a")?.device).toBe(DEVICE);
  });

  const prefix = `${goldensFolder}object-based/ckpt-2`;

  function model() {
    const graph = new Graph();
    const variable = Variable.create([0, 0, 0], { graph, name: "scale", useResource: true });
    return { graph, variable, size: graph.size };
  }

  it("the operations that restore an object-based checkpoint", async () => {
    const { graph } = model();
    const saver = new Saver({ graph, onWarning: () => undefined });
    const { size } = graph;
    const { result } = inScopes(graph, () => saver.restore(new LocalSession(graph), prefix).catch(() => undefined));
    await result;
    const added = formOf(graph, size + 1);
    expect(added.length).toBeGreaterThan(0);
    for (const { name } of added) expect(name).toMatch(/^scope\//);
    expect(added.find(({ name }) => name.endsWith("/filename/input"))).toMatchObject({
      device: DEVICE,
      before: ["before"],
    });
  });

  it("the saver of an object-based checkpoint", async () => {
    const { graph, size } = model();
    const { result } = inScopes(graph, () => saverFromObjectBasedCheckpoint(prefix, { graph }));
    await result;
    const added = formOf(graph, size + 1);
    for (const { name } of added) expect(name).toMatch(/^scope\//);
    expect(added.find(({ name }) => name.endsWith("/filename/input"))).toMatchObject({
      device: DEVICE,
      before: ["before"],
    });
  });
});
