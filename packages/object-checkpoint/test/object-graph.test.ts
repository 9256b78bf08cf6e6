import { HostVariable } from "@tfsaver/saver-builders";
import { MemoryStorage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { expect, it } from "vitest";
import { objectGolden, objectGoldenPath } from "../../../fixtures/object-goldens.js";
import { rejection } from "../../../fixtures/rejection.js";
import { putFile } from "../../../fixtures/storage-files.js";
import { encodeMessage, type Field, messageField, numberField } from "../../../tools/fuzz/messages.js";
import { Checkpoint, type CheckpointObject, objectGraph } from "../src/index.js";

const storage = defaultStorage();
const CASES: [name: string, prefix: string][] = [
  ["nested-containers", "ckpt"],
  ["cycle", "ckpt"],
  ["slots-adam", "ckpt"],
  ["hash-tables", "ckpt"],
  ["keras-sequential-adam", "ckpt"],
  ["saved-model-variables", "variables"],
];

it.each(CASES)("shows the objects of %s", async (name, prefix) => {
  const golden = objectGolden(name).checkpoints.find((one: { prefix: string }) => one.prefix === prefix);
  const root = await objectGraph(objectGoldenPath(name, prefix), { storage });
  const seen = new Set<CheckpointObject>([root]);
  for (const { children, slots } of seen)
    for (const one of [...children.values(), ...slots.map(({ value }) => value)]) seen.add(one);
  const nodes = golden.object_graph;
  expect(seen.size).toBe(nodes.length);
  for (const { id, children, hasValues, slots, tensors } of seen) {
    const node = nodes[id];
    expect([...children].map(([name, child]) => [name, child.id])).toEqual(node.children);
    expect(hasValues).toBe(node.has_checkpoint_values);
    expect(slots.map(({ name, value }) => [name, value.id])).toEqual(
      node.slot_variables.map((slot: Record<string, unknown>) => [slot.slot_name, slot.slot_variable_node_id]),
    );
    for (const { key, dtype, shape } of tensors)
      expect({ dtype, shape }).toMatchObject({
        dtype: golden.tensors[key].dtype,
        shape: golden.tensors[key].shape,
      });
  }
  const keys = [...seen].flatMap(({ tensors }) => tensors.map(({ key }) => key));
  expect(keys.sort()).toEqual(Object.keys(golden.tensors).sort());
});

it("names objects by their paths, and slot variables by what they belong to", async () => {
  const root = await objectGraph(objectGoldenPath("slots-adam", "ckpt"), { storage });
  const opt = root.children.get("opt");
  expect(opt?.path).toBe("(root).opt");
  expect(opt?.slots[0]?.value.path).toBe("(root).opt's state 'm' for (root).w");
});

it("refuses a name-based checkpoint", async () => {
  expect(await rejection(objectGraph(objectGoldenPath("name-based", "model"), { storage }))).toMatchObject({
    kind: "ValueError",
    message: expect.stringContaining("does not appear to be object-based"),
  });
});

const text = (number: number, value: string): Field => ({ number, wire: 2, value: new TextEncoder().encode(value) });
const child = (id: bigint, name: string) => messageField(1, numberField(1, id), text(2, name));

it("tells the kinds of the objects of a SavedModel, whatever their numbers there", async () => {
  const memory = new MemoryStorage();
  const w = new HostVariable(1, { name: "w" });
  await new Checkpoint({}, { root: { w, list: [{}] }, storage: memory }).write("model/variables/variables");
  const nodes = [
    messageField(
      1,
      child(3n, "f"),
      child(1n, "list"),
      child(2n, "w"),
      messageField(4, text(1, "_generic_user_object")),
    ),
    messageField(1, child(4n, "0"), messageField(4, text(1, "trackable_list_wrapper"))),
    messageField(1, messageField(7, numberField(1, 1n))),
    messageField(1, messageField(6)),
    messageField(1),
  ];
  const metaGraph = messageField(2, messageField(1), messageField(7, ...nodes));
  await putFile(memory, "model/saved_model.pb", encodeMessage([numberField(1, 1n), metaGraph]));
  const root = await objectGraph("model", { storage: memory });
  expect(root.kind).toBe("_generic_user_object");
  expect(root.children.get("w")?.kind).toBe("variable");
  const list = root.children.get("list");
  expect([list?.kind, list?.children.get("0")?.kind]).toEqual(["trackable_list_wrapper", undefined]);

  await putFile(memory, "model/saved_model.pb", "no message");
  expect((await objectGraph("model", { storage: memory })).kind).toBeUndefined();
});
