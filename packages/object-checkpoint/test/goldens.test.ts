import { Graph, Variable } from "@tfsaver/graph";
import { HostVariable, MutableHashTable } from "@tfsaver/saver-builders";
import { LocalSession } from "@tfsaver/session-local";
import { MemoryStorage, readFile } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { describe, expect, it } from "vitest";
import { firstDifference } from "../../../fixtures/bytes.js";
import { type ObjectGolden, objectGolden, objectGoldenPath } from "../../../fixtures/object-goldens.js";
import { textOf } from "../../../fixtures/storage-files.js";
import { Checkpoint } from "../src/index.js";
import { Builder, Optimizer, variableLike } from "./build-objects.js";

/** Makes sure that a folder holds the files of a golden checkpoint, byte for byte. */
async function expectSameFiles(storage: MemoryStorage, name: string, checkpoint: ObjectGolden): Promise<void> {
  for (const file of checkpoint.files) {
    const [ours, theirs] = [
      await readFile(storage, file.name),
      await readFile(defaultStorage(), objectGoldenPath(name, file.name)),
    ];
    expect(firstDifference(ours, theirs), `${name}/${file.name}`).toBe(-1);
  }
}

/** Cases that are built from their description alone, and written as `ckpt`. */
const BUILT = [
  "flat-variables",
  "nested-containers",
  "shared-object",
  "escaped-names",
  "empty-containers",
  "nothing",
  "partial",
  "deferred",
  "python-state",
];

/** The slots of each optimizer of TensorFlow 1. */
const SLOTS = {
  "slots-adam": ["v", "m"],
  "slots-momentum": ["momentum"],
  "slots-rmsprop-centered": ["rms", "mg", "momentum"],
};

describe("byte for byte as TensorFlow", () => {
  it.each(BUILT)("writes %s", async (name) => {
    const { build, checkpoints } = objectGolden(name);
    const storage = new MemoryStorage();
    await new Builder().checkpoint(build, { storage }).write("ckpt");
    await expectSameFiles(storage, name, checkpoints[0]);
  });

  it("writes objects that lead in circles", async () => {
    const storage = new MemoryStorage();
    const variable = (value: number) => new HostVariable(value, { name: "Variable" });
    const [a, b] = [{ v: variable(1) }, { v: variable(2) }];
    Object.assign(a, { b, me: a });
    // The assignments of the case: A.v, A.b, A.me and B.v, B.a.
    Object.assign(b, { a });
    await new Checkpoint({ a }, { storage }).write("ckpt");
    await expectSameFiles(storage, "cycle", objectGolden("cycle").checkpoints[0]);
  });

  it.each(Object.entries(SLOTS))("writes %s", async (name, slots) => {
    const [golden] = objectGolden(name).checkpoints as ObjectGolden[];
    const stored = (key: string, name: string) => {
      const tensor = golden?.tensors[`${key}/.ATTRIBUTES/VARIABLE_VALUE`];
      return tensor === undefined ? undefined : variableLike(tensor, name);
    };
    const [w, z] = [stored("w", "w"), stored("z", "z")] as [HostVariable, HostVariable];
    const others = Object.entries({ beta1_power: "beta1_power", beta2_power: "beta2_power" }).flatMap(
      ([edge, full]) => {
        const variable = stored(`opt/${edge}`, full);
        return variable === undefined ? [] : [[edge, variable] as const];
      },
    );
    const opt = new Optimizer(slots, Object.fromEntries(others));
    const nodes = objectGolden(name).checkpoints[0].object_graph;
    for (const { slot_name, original_variable_node_id, slot_variable_node_id } of nodes[1].slot_variables) {
      const { full_name, checkpoint_key } = nodes[slot_variable_node_id].attributes[0];
      const variable = nodes[original_variable_node_id].attributes[0].full_name === "w" ? w : z;
      opt.add(variable, slot_name, stored(checkpoint_key.split("/.ATTRIBUTES")[0], full_name) as HostVariable);
    }
    const storage = new MemoryStorage();
    await new Checkpoint({ z, w, opt }, { storage }).write("ckpt");
    await expectSameFiles(storage, name, golden as ObjectGolden);
  });

  it("writes hash tables, and replaces their whole content when it restores", async () => {
    const golden = objectGolden("hash-tables");
    const storage = new MemoryStorage();
    const tables = () => {
      const graph = new Graph();
      const common = { graph, checkpoint: false } as const;
      const h = MutableHashTable.create({ ...common, keyDtype: "string", valueDtype: "int64", defaultValue: -1 });
      const e = MutableHashTable.create({ ...common, keyDtype: "int64", valueDtype: "float32", defaultValue: 0 });
      const v = Variable.create(1, { graph, name: "Variable" });
      return { graph, h, e, v, session: new LocalSession(graph, { storage }) };
    };
    const { h, e, v, session } = tables();
    await session.run([v.initializer, h.insert(["only"], [7])]);
    await new Checkpoint({ h, e, v }, { storage, session }).write("ckpt");
    await expectSameFiles(storage, "hash-tables", golden.checkpoints[0]);

    const other = tables();
    await other.session.run(other.h.insert(["old"], [1]));
    const restored = new Checkpoint({ h: other.h, e: other.e, v: other.v }, { storage, session: other.session });
    (await restored.read("ckpt")).assertConsumed();
    const { keys, values } = other.h.export();
    const [found, numbers] = await other.session.run([keys, values]);
    expect((found.data as readonly Uint8Array[]).map((key) => new TextDecoder().decode(key))).toEqual(["only"]);
    expect(numbers.data).toEqual(BigInt64Array.of(7n));
    expect((await other.session.run(other.v)).data).toEqual(Float32Array.of(1));
  });

  it("counts saves in the file and in its name, and goes on counting after a restore", async () => {
    const { checkpoints, states, saved, save_counter } = objectGolden("two-saves");
    const storage = new MemoryStorage();
    const v = new HostVariable(1, { name: "Variable" });
    const first = new Checkpoint({ v }, { storage });
    const paths: string[] = [];
    const save = async (checkpoint: Checkpoint, prefix: string) => {
      paths.push(await checkpoint.save(prefix));
      expect(await textOf(storage, "checkpoint")).toBe(states[paths.length - 1].text);
    };
    await save(first, "ckpt");
    v.assign(2);
    await save(first, "ckpt");
    const other = new Checkpoint({ v: new HostVariable(0, { name: "Variable" }) }, { storage });
    (await other.restore("ckpt-2")).assertConsumed();
    await save(other, "other");
    expect(paths).toEqual(saved);
    expect(Number(other.saveCounter.value.data[0])).toBe(save_counter);
    for (const checkpoint of checkpoints) await expectSameFiles(storage, "two-saves", checkpoint);
  });

  it("attaches objects to a root without changing it", async () => {
    const { build, checkpoints, state } = objectGolden("root-attached");
    const storage = new MemoryStorage();
    expect(await new Builder().checkpoint(build, { storage }).save("ckpt")).toBe("ckpt-1");
    await expectSameFiles(storage, "root-attached", checkpoints[0]);
    expect(await textOf(storage, "checkpoint")).toBe(state.text);
  });
});
