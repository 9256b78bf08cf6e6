import { latestCheckpoint } from "@tfsaver/checkpoint-state";
import { Graph, PartitionedVariable, Variable } from "@tfsaver/graph";
import { Saver, type SaverOptions } from "@tfsaver/saver";
import { MutableHashTable } from "@tfsaver/saver-builders";
import { LocalSession } from "@tfsaver/session-local";
import { MemoryStorage } from "@tfsaver/storage";
import { describe, expect, it } from "vitest";
import { filesIn, initializedSession, nestedValues, valuesOf } from "../model.js";

/** A variable and a table on each of two devices. */
function twoDevices(values: readonly [number, number] = [0, 0]) {
  const graph = new Graph();
  const on = values.map((value, i) =>
    graph.withDevice(`/cpu:${i}`, () => ({
      variable: Variable.create(value, { graph, name: `v${i}` }),
      table: MutableHashTable.create({
        graph,
        name: `t${i}`,
        keyDtype: "string",
        valueDtype: "float32",
        defaultValue: -1,
      }),
    })),
  );
  return { graph, variables: on.map(({ variable }) => variable), tables: on.map(({ table }) => table) };
}

async function savedShards(options: SaverOptions) {
  const storage = new MemoryStorage();
  const { graph, tables } = twoDevices([10, 20]);
  const saver = new Saver({ graph, storage, sharded: true, onWarning: () => {}, ...options });
  const session = await initializedSession(graph, storage);
  await session.run(tables.map((table, i) => table.insert([`k${i}`], [i + 1])));
  const path = await saver.save(session, "model");
  return { storage, saver, path: path as string };
}

type Devices = ReturnType<typeof twoDevices>;

/** Returns the values of a new session after restoring everything, or only one device. */
async function restored(storage: MemoryStorage, path: string, sharded: boolean, device?: number) {
  const { graph, variables, tables }: Devices = twoDevices();
  const wanted = [0, 1].filter((i) => device === undefined || i === device);
  const varList = Object.fromEntries(
    wanted.flatMap((i) => [
      [`v${i}`, variables[i]],
      [`t${i}`, tables[i]],
    ]),
  );
  const saver = new Saver({ graph, storage, sharded, varList });
  const session = new LocalSession(graph, { storage });
  await saver.restore(session, path);
  const values = await valuesOf(
    session,
    wanted.map((i) => variables[i] as Variable),
  );
  const exported = wanted.flatMap((i) => Object.values((tables[i] as MutableHashTable).export()));
  return [...values, ...(await session.run(exported)).map(nestedValues)];
}

describe.each([1, 2])("a sharded saver of format V%s", (writeVersion) => {
  it("is marked as sharded in its SaverDef", async () => {
    const { saver } = await savedShards({ writeVersion });
    expect(saver.asSaverDef()).toMatchObject({ sharded: true, version: writeVersion });
  });

  it("saves tables and variables of every device, which sharded and other savers restore", async () => {
    const { storage, path } = await savedShards({ writeVersion });
    expect(path).toBe(writeVersion === 1 ? "model-?????-of-00002" : "model");
    for (const sharded of [true, false]) {
      expect(await restored(storage, path, sharded)).toEqual([10, 20, ["k0"], [1], ["k1"], [2]]);
    }
  });
});

describe("shards of format V1", () => {
  it("are each a checkpoint of one device's variables, with one common meta graph", async () => {
    const { storage } = await savedShards({ writeVersion: 1 });
    expect(await filesIn(storage)).toEqual([
      "checkpoint",
      "model-00000-of-00002",
      "model-00001-of-00002",
      "model.meta",
    ]);
    expect(await restored(storage, "model-00000-of-00002", true, 0)).toEqual([10, ["k0"], [1]]);
    expect(await restored(storage, "model-00001-of-00002", true, 1)).toEqual([20, ["k1"], [2]]);
  });

  it("are found together, by the pattern that is recorded and by one of any number of shards", async () => {
    const { storage, path } = await savedShards({ writeVersion: 1 });
    expect(await latestCheckpoint("", { storage })).toBe(path);
    expect(await restored(storage, "model-?????-of-?????", true)).toEqual([10, 20, ["k0"], [1], ["k1"], [2]]);
  });
});

const ROWS = Array.from({ length: 10 }, (_, i) => [i, i + 0.25, -i]);

/** A matrix in the given number of parts, each on its own device; not partitioned if it is 1. */
function matrix(partitions: number, rows: number[][], useResource: boolean) {
  const graph = new Graph();
  const parted = { graph, name: "p", partitions, useResource };
  const variable =
    partitions > 1
      ? PartitionedVariable.create(rows, parted)
      : Variable.create(rows, { graph, name: "p", useResource });
  return { graph, variable };
}

type Form = "a list" | "a dictionary";

async function saverOf({ graph, variable }: ReturnType<typeof matrix>, form: Form, options: SaverOptions) {
  const { name } = variable instanceof Variable ? variable.op : variable;
  return new Saver({
    graph,
    sharded: true,
    onWarning: () => {},
    varList: form === "a list" ? [variable] : { [name]: variable },
    ...options,
  });
}

describe.each([1, 2])("a matrix in parts, saved in format V%s,", (writeVersion) => {
  for (const useResource of [false, true]) {
    for (const form of ["a list", "a dictionary"] as const) {
      it.each([
        [2, 1],
        [2, 2],
        [2, 3],
        [1, 3],
      ])(`of %s is restored into %s (${useResource ? "resource" : "reference"}, told by ${form})`, async (from, to) => {
        const storage = new MemoryStorage();
        const before = matrix(from, ROWS, useResource);
        const saver = await saverOf(before, form, { storage, writeVersion });
        const path = await saver.save(await initializedSession(before.graph, storage), "model");

        const after = matrix(
          to,
          ROWS.map((row) => row.map(() => 0)),
          false,
        );
        const session = new LocalSession(after.graph, { storage });
        await (await saverOf(after, form, { storage, writeVersion })).restore(session, path as string);
        const { variable } = after;
        const value = variable instanceof Variable ? variable.snapshot : variable.asTensor();
        expect(nestedValues(await session.run(value))).toEqual(ROWS);
      });
    }
  }
});
