import { latestCheckpoint } from "@tfsaver/checkpoint-state";
import { toTensor } from "@tfsaver/core";
import { Graph, Variable } from "@tfsaver/graph";
import { Saver, type SaverOptions } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import { MemoryStorage } from "@tfsaver/storage";
import { describe, expect, it } from "vitest";
import { filesIn } from "../model.js";

/** Three variables on two devices, one of them in two slices. */
async function placedModel(options: SaverOptions = {}) {
  const storage = new MemoryStorage();
  const graph = new Graph();
  const on = (task: number, build: () => Variable) => graph.withDevice(`/job:ps/task:${task}`, build);
  const slice = (start: number, values: number[]) =>
    Variable.create([values], {
      graph,
      name: `p/part_${start}`,
      saveSliceInfo: { fullName: "p", fullShape: [2, 2], varOffset: [start, 0], varShape: [1, 2] },
    });
  const variables = [
    on(0, () => Variable.create([1, 2], { graph, name: "a" })),
    on(1, () => Variable.create(toTensor("text"), { graph, name: "b" })),
    on(1, () => slice(0, [1, 2])),
    on(0, () => slice(1, [3, 4])),
  ];
  const warnings: string[] = [];
  const saver = new Saver({ graph, storage, onWarning: (text) => warnings.push(text), ...options });
  const session = new LocalSession(graph, { storage });
  await session.run(variables.map((variable) => variable.initializer));
  return { graph, storage, saver, session, variables, warnings };
}

async function valuesOf(session: LocalSession, variables: readonly Variable[]) {
  return session.run(variables.map((variable) => variable.snapshot));
}

const V2_FILES = (prefix: string) => [
  `${prefix}.data-00000-of-00002`,
  `${prefix}.data-00001-of-00002`,
  `${prefix}.index`,
  `${prefix}.meta`,
];
const V1_FILES = (prefix: string) => [`${prefix}-00000-of-00002`, `${prefix}-00001-of-00002`, `${prefix}.meta`];

describe.each([
  ["V2 in shards", { sharded: true }, "m-1", V2_FILES],
  ["V1 in shards", { sharded: true, writeVersion: 1 }, "m-1-?????-of-00002", V1_FILES],
  ["V1 in one file", { writeVersion: 1 }, "m-1", (prefix: string) => [prefix, `${prefix}.meta`]],
] as const)("%s", (_, options, path, files) => {
  it("returns the path that restores, and leaves TensorFlow's files", async () => {
    const { graph, storage, saver, session, variables } = await placedModel(options);
    expect(await saver.save(session, "m", { globalStep: 1 })).toBe(path);
    expect(await filesIn(storage)).toEqual(["checkpoint", ...files("m-1")].sort());
    expect(await latestCheckpoint("", { storage })).toBe(path);

    const restored = new LocalSession(graph, { storage });
    await saver.restore(restored, path);
    expect(await valuesOf(restored, variables)).toEqual(await valuesOf(session, variables));
  });

  it("removes all files of what retention lets go of", async () => {
    const { storage, saver, session } = await placedModel({ ...options, maxToKeep: 1 });
    for (const globalStep of [1, 2, 11]) await saver.save(session, "m", { globalStep });
    expect(await filesIn(storage)).toEqual(["checkpoint", ...files("m-11")].sort());
  });

  it("warns of the old format, and of that alone", async () => {
    const { saver, session, warnings } = await placedModel(options);
    await saver.save(session, "m");
    expect(warnings).toEqual("writeVersion" in options ? [expect.stringContaining("V1 format")] : []);
  });
});

it("a sharded checkpoint may have the state file's name in a relative folder, not in an absolute one", async () => {
  const { storage, saver, session } = await placedModel({ sharded: true });
  await storage.createDirectory("run");
  expect(await saver.save(session, "run/checkpoint")).toBe("run/checkpoint");
  expect(await filesIn(storage, "run")).toEqual(["checkpoint", ...V2_FILES("checkpoint")].sort());
  await storage.createDirectory("/run");
  await expect(saver.save(session, "/run/checkpoint")).rejects.toMatchObject({ kind: "RuntimeError" });
});

it("slices are restored into other slices, and into the whole", async () => {
  const { storage, saver, session } = await placedModel();
  await saver.save(session, "m");
  const graph = new Graph();
  const columns = [0, 1].map((start) =>
    Variable.create([[0], [0]], {
      graph,
      name: `q/part_${start}`,
      saveSliceInfo: { fullName: "q", fullShape: [2, 2], varOffset: [0, start], varShape: [2, 1] },
    }),
  );
  const whole = Variable.create(
    [
      [0, 0],
      [0, 0],
    ],
    { graph, name: "whole" },
  );
  const other = new LocalSession(graph, { storage });
  await new Saver({ graph, storage, varList: { p: columns } }).restore(other, "m");
  await new Saver({ graph, storage, varList: { p: whole } }).restore(other, "m");
  expect(await valuesOf(other, [...columns, whole])).toEqual([
    toTensor([[1], [3]]),
    toTensor([[2], [4]]),
    toTensor([
      [1, 2],
      [3, 4],
    ]),
  ]);
});
