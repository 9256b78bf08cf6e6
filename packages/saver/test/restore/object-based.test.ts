import { listVariables } from "@tfsaver/checkpoint-reader";
import { type Tensor, toTensor } from "@tfsaver/core";
import { Graph, Variable } from "@tfsaver/graph";
import { Saver, saverFromObjectBasedCheckpoint } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import { MemoryStorage } from "@tfsaver/storage";
import { describe, expect, it } from "vitest";
import { expectedForm, goldenCheckpoints, goldensFolder } from "../../../../fixtures/goldens.js";
import { errorOf } from "../model.js";

const prefix = `${goldensFolder}object-based/ckpt-2`;
const golden = goldenCheckpoints("object-based").find((checkpoint) => checkpoint.prefix === "ckpt-2");

/** Names of variables, with the keys that TensorFlow restores them from. */
const KEYS: Readonly<Record<string, string>> = {
  global_step: "step/.ATTRIBUTES/VARIABLE_VALUE",
  save_counter: "save_counter/.ATTRIBUTES/VARIABLE_VALUE",
  scale: "model/extra/scale/.ATTRIBUTES/VARIABLE_VALUE",
  // Two layers have a `kernel` and a `bias`: the last one counts.
  kernel: "model/layers/1/kernel/.ATTRIBUTES/VARIABLE_VALUE",
  bias: "model/layers/1/bias/.ATTRIBUTES/VARIABLE_VALUE",
  "kernel/Momentum_1": "model/layers/1/kernel/.OPTIMIZER_SLOT/optimizer/momentum/.ATTRIBUTES/VARIABLE_VALUE",
};

function model(names: readonly string[], useResource = true) {
  const graph = new Graph();
  const variables = names.map((name) => {
    const { dtype, shape } = golden?.tensors[KEYS[name] ?? ""] ?? { dtype: "float32", shape: [] };
    const value = toTensor(
      Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 0),
      dtype as "float32",
      shape,
    );
    return Variable.create(value, { graph, name, useResource });
  });
  const warnings: string[] = [];
  const saver = new Saver({ graph, onWarning: (warning) => warnings.push(warning) });
  return { graph, variables, saver, warnings, session: new LocalSession(graph) };
}

describe("a name-based saver restores an object-based checkpoint", () => {
  it.each([true, false])("by the names that the variables had (resource: %s)", async (useResource) => {
    const { variables, saver, session, warnings } = model(Object.keys(KEYS), useResource);
    await saver.restore(session, prefix);
    for (const variable of variables) {
      const value: Tensor = await session.run(variable.snapshot);
      expect(expectedForm(value)).toEqual(golden?.tensors[KEYS[variable.op.name] as string]);
    }
    expect(warnings).toEqual([
      expect.stringContaining("Restoring an object-based checkpoint using a name-based saver."),
    ]);
  });

  it("with nodes in a scope of their own, which are added once", async () => {
    const { graph, saver, session } = model(["scale", "bias"]);
    const before = graph.size;
    await saver.restore(session, prefix);
    const added = graph.operations.slice(before);
    // As TensorFlow 2.21 adds for two resource variables.
    expect(added.map(({ name }) => name.replace(/^save_1\//, ""))).toEqual([
      "filename/input",
      "filename",
      "Const",
      "SaveV2/tensor_names",
      "SaveV2/shape_and_slices",
      "SaveV2",
      "control_dependency",
      "RestoreV2/tensor_names",
      "RestoreV2/shape_and_slices",
      "RestoreV2",
      "Identity",
      "AssignVariableOp",
      "Identity_1",
      "AssignVariableOp_1",
      "restore_all",
    ]);
    await saver.restore(session, prefix);
    expect(graph.size).toBe(before + added.length);
  });

  it("not if the graph is finalized, for it must add to it", async () => {
    const { graph, saver, session } = model(["scale"]);
    graph.finalize();
    expect((await errorOf(() => saver.restore(session, prefix))).message).toBe(
      "Graph is finalized and cannot be modified.",
    );
  });

  it("not if it lacks a variable, and says which it has", async () => {
    const { saver, session } = model(["w2", "global_step", "aa"]);
    const error = await errorOf(() => saver.restore(session, prefix));
    expect(error).toMatchObject({ kind: "NotFoundError", path: prefix, tensor: "aa" });
    const phrases = [
      "Existing variables not in the checkpoint: aa, w2",
      "Variables names when this checkpoint was written which don't exist now: bias, bias/Momentum, bias/Momentum_1, " +
        "kernel, kernel/Momentum, kernel/Momentum_1, save_counter, scale",
      "(1 variable name(s) did match)",
      "Could not find some variables in the checkpoint",
    ];
    expect(phrases.map((phrase) => error.message.indexOf(phrase))).toEqual(
      phrases.map((phrase) => error.message.indexOf(phrase)).sort((a, b) => a - b),
    );
    for (const phrase of phrases) expect(error.message).toContain(phrase);
  });

  it("directly, when a dictionary has its own keys", async () => {
    const { graph, variables, warnings } = model(["scale"]);
    const size = graph.size;
    const saver = new Saver({ graph, varList: { [KEYS.scale as string]: variables[0] as Variable } });
    const added = graph.size - size;
    const session = new LocalSession(graph);
    await saver.restore(session, prefix);
    expect((await session.run("scale/Read/ReadVariableOp:0")).data).toEqual(Float32Array.of(2));
    expect(graph.size).toBe(size + added);
    expect(warnings).toEqual([]);
  });
});

describe("saverFromObjectBasedCheckpoint", () => {
  it("gives a saver that reads and writes the checkpoint's own keys", async () => {
    const { graph, variables } = model(["scale", "bias"]);
    const storage = new MemoryStorage();
    const saver = await saverFromObjectBasedCheckpoint(prefix, { graph });
    const session = new LocalSession(graph);
    await saver.restore(session, prefix);
    expect((await session.run((variables[0] as Variable).snapshot)).data).toEqual(Float32Array.of(2));
    const written = new LocalSession(graph, { storage });
    await written.run(variables.map(({ initializer }) => initializer));
    await new Saver({ graph, saverDef: saver.asSaverDef(), storage }).save(written, "m");
    const names = (await listVariables("m", { storage })).map(({ name }) => name);
    expect(names).toEqual([KEYS.scale, KEYS.bias].sort());
  });

  it("refuses other checkpoints, and variables that this one lacks", async () => {
    const { graph } = model(["w2"]);
    const other = `${goldensFolder}v2-with-meta/model.ckpt-7`;
    expect(await errorOf(() => saverFromObjectBasedCheckpoint(other, { graph }))).toMatchObject({
      kind: "ValueError",
      message: `Checkpoint in ${other} not an object-based checkpoint.`,
    });
    expect(await errorOf(() => saverFromObjectBasedCheckpoint(prefix, { graph }))).toMatchObject({
      kind: "NotFoundError",
    });
  });
});
