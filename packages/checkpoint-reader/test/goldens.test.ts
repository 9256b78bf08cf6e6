import { objectGraphKeyMapping, openCheckpoint, readObjectGraph } from "@tfsaver/checkpoint-reader";
import { formatSlice, parseShapeAndSlice, type ShapeAndSlice } from "@tfsaver/core";
import { describe, expect, it } from "vitest";
import { expectedForm, goldenCheckpoints, goldenRecord, goldensFolder } from "../../../fixtures/goldens.js";

describe.each(goldenCheckpoints())("golden $folder/$prefix", ({ path, format, tensors, queries = [] }) => {
  const readable = Object.entries(tensors).filter(([, { error }]) => error === undefined);

  it("is recognized, listed and read as in TensorFlow", async () => {
    const reader = await openCheckpoint(path);
    expect(reader.format).toBe(format);
    const listed: Record<string, unknown> = {};
    for await (const { name, dtype, shape, slices } of reader.tensors()) {
      expect(await reader.has(name)).toBe(true);
      listed[name] = { dtype, shape, slices: slices.map(formatSlice).sort() };
    }
    const wanted = Object.entries(tensors).map(([name, { dtype, shape, slices = [] }]) => {
      return [name, { dtype, shape, slices: [...slices].sort() }];
    });
    expect(listed).toEqual(Object.fromEntries(wanted));
    await reader.close();
  });

  it("reads all tensors with the planned reads, in the order of the files", async () => {
    const reader = await openCheckpoint(path);
    const requests = readable.map(([name]) => ({ name }));
    const found: Record<string, unknown> = {};
    for await (const { request, tensor } of reader.getEach(requests)) found[request.name] = expectedForm(tensor);
    const wanted = readable.map(([name, { slices: _, tensor_list: __, ...value }]) => [name, value]);
    expect(found).toEqual(Object.fromEntries(wanted));
    const inOrder = (await reader.getAll(requests)).map((tensor, i) => [readable[i]?.[0], expectedForm(tensor)]);
    expect(inOrder).toEqual(wanted);
    const places = (await reader.plan(requests)).map((read) => [read.path, read.offset] as const);
    expect(places).toEqual([...places].sort(([a, x], [b, y]) => (a === b ? x - y : a < b ? -1 : 1)));
    await reader.close();
  });

  it("reads all tensors by default, and reports progress", async () => {
    const reader = await openCheckpoint(path);
    if (readable.length === Object.keys(tensors).length) {
      const told: { done: number; total: number; tensor: string }[] = [];
      const names: string[] = [];
      const options = { onProgress: (progress: (typeof told)[number]) => told.push(progress) };
      for await (const { request } of reader.getEach(undefined, options)) names.push(request.name);
      expect(names.sort()).toEqual(Object.keys(tensors).sort());
      expect(told.map(({ tensor }) => tensor).sort()).toEqual(names);
      expect(told.every(({ done }, i) => done >= (told[i - 1]?.done ?? 0))).toBe(true);
      expect(told.at(-1)?.done).toBe(told.at(-1)?.total);
    }
    await reader.close();
  });

  it.each(queries)("reads the slice $spec of $tensor", async ({ tensor, spec, ...wanted }) => {
    const reader = await openCheckpoint(path);
    const { slice } = parseShapeAndSlice(spec) as ShapeAndSlice;
    expect(expectedForm(await reader.get(tensor, slice))).toEqual(wanted);
    await reader.close();
  });
});

interface ExpectedNode {
  readonly attributes?: { readonly full_name?: string; readonly checkpoint_key: string }[];
}

describe.each(goldenCheckpoints("object-based"))("object-based golden $prefix", ({ path, prefix }) => {
  it("maps the names of variables to keys; of equal names, the last one counts", async () => {
    const record = goldenRecord("object-based").checkpoints.find((item: { prefix: string }) => item.prefix === prefix);
    const wanted = new Map<string, string>();
    for (const node of record.object_graph as ExpectedNode[]) {
      for (const { full_name = "", checkpoint_key } of node.attributes ?? []) wanted.set(full_name, checkpoint_key);
    }
    expect(wanted.size).toBeGreaterThan(2);
    const reader = await openCheckpoint(path);
    expect(await objectGraphKeyMapping(reader)).toEqual(wanted);
    expect((await readObjectGraph(reader))?.nodes).toHaveLength(record.object_graph.length);
    await reader.close();
  });
});

it("a checkpoint that is not object-based has no mapping of names to keys", async () => {
  const reader = await openCheckpoint(`${goldensFolder}v2-with-meta/model.ckpt-7`);
  expect(await objectGraphKeyMapping(reader)).toBeUndefined();
  await reader.close();
});
