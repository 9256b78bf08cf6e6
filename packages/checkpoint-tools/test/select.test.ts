import { openCheckpoint } from "@tfsaver/checkpoint-reader";
import { findTensor, selectTensors } from "@tfsaver/checkpoint-tools";
import { describe, expect, it } from "vitest";
import { goldensFolder } from "../../../fixtures/goldens.js";
import { rejection } from "../../../fixtures/rejection.js";

async function selected(folder: string, ...wanted: string[]): Promise<string[]> {
  const reader = await openCheckpoint(`${goldensFolder}${folder}`);
  try {
    return (await selectTensors(reader, wanted)).map(({ name }) => name);
  } finally {
    await reader.close();
  }
}

const MODEL = "v2-with-meta/model.ckpt-7";
const OBJECTS = "object-based/ckpt-1";

describe("selecting tensors", () => {
  it("takes all tensors by default, and names in the order of the checkpoint", async () => {
    expect(await selected(MODEL)).toHaveLength(15);
    expect(await selected(MODEL, "global_step", "dense1/bias", "global_step")).toEqual(["dense1/bias", "global_step"]);
  });

  it("lets a star cross slashes, and a question mark be one character", async () => {
    expect(await selected(MODEL, "*kernel")).toEqual(["dense1/kernel", "dense2/kernel"]);
    expect(await selected(MODEL, "dense?/bias")).toEqual(["dense1/bias", "dense2/bias"]);
    expect(await selected(MODEL, "dense[!1]/*/Adam")).toEqual(["dense2/bias/Adam", "dense2/kernel/Adam"]);
  });

  it("takes the names of variables' values, and graph names of object-based checkpoints", async () => {
    expect(await selected(MODEL, "global_step:0")).toEqual(["global_step"]);
    const reader = await openCheckpoint(`${goldensFolder}${OBJECTS}`);
    const { objectGraphKeyMapping } = await import("@tfsaver/checkpoint-reader");
    const [[name, key] = ["", ""]] = (await objectGraphKeyMapping(reader)) ?? [];
    expect(name).not.toBe(key);
    expect(await findTensor(reader, name)).toMatchObject({ name: key });
    await reader.close();
    expect(await selected(OBJECTS, name)).toEqual([key]);
    expect(await selected(OBJECTS, `${name.slice(0, -1)}*`)).toContain(key);
  });

  it("takes the paths of objects, and says which tensors have a graph name that several share", async () => {
    const key = (path: string) => `${path}/.ATTRIBUTES/VARIABLE_VALUE`;
    const biases = ["model/layers/0/bias", "model/layers/1/bias"];
    const slot = "model/layers/0/bias/.OPTIMIZER_SLOT/optimizer/momentum";
    const reader = await openCheckpoint(`${goldensFolder}${OBJECTS}`);
    for (const path of [...biases, slot]) expect(await findTensor(reader, path)).toMatchObject({ name: key(path) });
    const error = await rejection(findTensor(reader, "bias"));
    expect(error).toMatchObject({
      kind: "ValueError",
      message: `bias is a name of 2 tensors: ${biases.join(", ")}. Give one of these`,
    });
    await expect(findTensor(reader, "model/layers/0/biaz")).rejects.toThrow("did you mean model/layers/0/bias");
    await reader.close();
    expect(await selected(OBJECTS, "model/layers/?/bias")).toEqual(biases.map(key));
    expect(await selected(OBJECTS, "bias")).toEqual(biases.map(key));
    expect(await selected(OBJECTS, slot)).toEqual([key(slot)]);
  });

  it("proposes similar names for a name that is missing, and says which pattern matches nothing", async () => {
    expect((await rejection(selected(MODEL, "dense1/kernels"))).message).toContain("did you mean dense1/kernel");
    const error = await rejection(selected(MODEL, "*bias", "encoder/*"));
    expect(error).toMatchObject({ kind: "NotFoundError" });
    expect(error.message).toMatch(/No tensor of .*model.ckpt-7 matches 'encoder\/\*'/);
  });

  it("takes a long pattern with many stars in no time", async () => {
    const start = performance.now();
    await rejection(selected(MODEL, `${"*a".repeat(2000)}*z`));
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
