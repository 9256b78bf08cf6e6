import { toTensor } from "@tfsaver/core";
import { Graph, Variable } from "@tfsaver/graph";
import { Saver } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import { MemoryStorage, readFile } from "@tfsaver/storage";
import { describe, expect, it } from "vitest";
import { errorOf, valuesOf } from "../model.js";

/** Two variables on two devices, which hold the step, saved in shards at steps 1 to 3; then both are set to 9. */
async function trained() {
  const storage = new MemoryStorage();
  await storage.createDirectory("run");
  const graph = new Graph();
  const variables = [0, 1].map((task) =>
    graph.withDevice(`/job:ps/task:${task}`, () => Variable.create([0, 0], { graph, name: `v${task}` })),
  );
  const warnings: string[] = [];
  const onWarning = (message: string) => void warnings.push(message);
  const saver = new Saver({ graph, storage, sharded: true, onWarning });
  const session = new LocalSession(graph, { storage });
  const values = () => valuesOf(session, variables);
  const set = async (value: number) => {
    for (const variable of variables) await variable.load([value, value], session);
  };
  for (const globalStep of [1, 2, 3]) {
    await set(globalStep);
    await saver.save(session, "run/m", { globalStep });
  }
  await set(9);
  return { storage, graph, saver, session, warnings, values };
}

const all = (value: number) => [
  [value, value],
  [value, value],
];

/** Truncates a file to 0 bytes. */
async function empty(storage: MemoryStorage, path: string): Promise<void> {
  await (await storage.create(path)).close();
}

/** The second shard, which is read after the first. */
const shard = (step: number) => `run/m-${step}.data-00001-of-00002`;

describe("restoring a damaged checkpoint", () => {
  it("changes no variable, although the first shard is intact", async () => {
    const { storage, saver, session, values } = await trained();
    await empty(storage, shard(3));
    await expect(saver.restore(session, "run/m-3")).rejects.toMatchObject({ kind: "DataLossError" });
    expect(await values()).toEqual(all(9));
  });

  it("names the truncated file, the tensors affected, and an intact checkpoint", async () => {
    const { storage, saver, session } = await trained();
    for (const step of [2, 3]) await empty(storage, shard(step));
    const error = await errorOf(() => saver.restore(session, "run/m-3"));
    expect(error).toMatchObject({ kind: "DataLossError", path: shard(3) });
    expect(error.message).toMatch(
      /m-3\.data-00001-of-00002 is truncated: 0 bytes, expected 8\. .*Affected tensors: v1\./,
    );
    expect(error.message).toMatch(/\nThe newest whole checkpoint of the folder is run\/m-1\.$/);
  });

  it("names an intact checkpoint even if the damaged tensor is too large to be read again", async () => {
    const storage = new MemoryStorage();
    const graph = new Graph();
    const large = Variable.create(new Float32Array(20_000), { graph, name: "large" });
    const saver = new Saver({ graph, storage });
    const session = new LocalSession(graph, { storage });
    await session.run(large.initializer);
    for (const globalStep of [1, 2]) await saver.save(session, "m", { globalStep });
    const bytes = await readFile(storage, "m-2.data-00000-of-00001");
    bytes[70_000] = 1;
    const file = await storage.create("m-2.data-00000-of-00001");
    await file.write([bytes]);
    await file.close();
    const error = await errorOf(() => saver.restore(session, "m-2"));
    expect(error.message).toMatch(
      /Checksum does not match[\s\S]*\nThe newest whole checkpoint of the folder is m-1\.$/,
    );
  });

  it("names an intact checkpoint if the given one is missing, and keeps TensorFlow's text", async () => {
    const { saver, session } = await trained();
    const error = await errorOf(() => saver.restore(session, "run/m-7"));
    expect(error.message).toBe(
      "The passed save_path is not a valid checkpoint: run/m-7\n\nThe newest whole checkpoint of the folder is run/m-3.",
    );
  });

  it("says that a folder is no prefix", async () => {
    const { saver, session } = await trained();
    expect((await errorOf(() => saver.restore(session, "run"))).message).toMatch(
      /run is a folder: pass the prefix.*\nThe newest whole checkpoint of the folder is run\/m-3\.$/,
    );
  });

  it("does not mention files if the graph does not match", async () => {
    const { storage, session, graph } = await trained();
    const other = Variable.create([0], { graph, name: "other" });
    const saver = new Saver({ graph, storage, varList: [other] });
    const error = await errorOf(() => saver.restore(session, "run/m-3"));
    expect(error.kind).toBe("NotFoundError");
    expect(error.message).not.toContain("whole checkpoint");
  });
});

describe("fallBack", () => {
  it("restores the given checkpoint if possible, and returns its path", async () => {
    const { saver, session, values, warnings } = await trained();
    expect(await saver.restore(session, "run/m-2", { fallBack: true })).toEqual({
      checkpoint: "run/m-2",
      passedOver: [],
      restored: ["v0", "v1"],
      missing: [],
      mismatched: [],
      unused: [],
    });
    expect(await values()).toEqual(all(2));
    expect(warnings).toEqual([]);
  });

  it.each(["a shard too short", "a shard missing", "no index", "nothing"])(
    "passes over one with %s",
    async (damage) => {
      const { storage, saver, session, values, warnings } = await trained();
      if (damage === "a shard too short") await empty(storage, shard(3));
      else if (damage === "a shard missing") await storage.remove(shard(3));
      else await storage.remove("run/m-3.index");
      if (damage === "nothing") for (const n of [0, 1]) await storage.remove(`run/m-3.data-0000${n}-of-00002`);
      const report = await saver.restore(session, "run/m-3", { fallBack: true });
      expect(report).toMatchObject({
        checkpoint: "run/m-2",
        passedOver: [{ path: "run/m-3", reason: expect.any(String) }],
      });
      expect(await values()).toEqual(all(2));
      expect(warnings).toEqual([expect.stringMatching(/^RESTORED ANOTHER CHECKPOINT: not run\/m-3 but run\/m-2/)]);
    },
  );

  it("skips checkpoints that are damaged or of another model", async () => {
    const { storage, saver, session, values } = await trained();
    for (const step of [2, 3]) await empty(storage, shard(step));
    const other = new Graph();
    const variable = Variable.create([5], { graph: other, name: "v0" });
    const otherSession = new LocalSession(other, { storage });
    await otherSession.run(variable.initializer);
    await new Saver({ graph: other, storage }).save(otherSession, "run/other-99", { writeState: false });
    const { checkpoint, passedOver } = await saver.restore(session, "run/m-3", { fallBack: true });
    expect(checkpoint).toBe("run/m-1");
    expect(passedOver.map(({ path }) => path)).toEqual(["run/m-3", "run/other-99", "run/m-2"]);
    expect(passedOver[1]?.reason).toMatch(/another model.*v1, v0/);
    expect(await values()).toEqual(all(1));
  });

  it("finds the newest good one of a folder, also without a state file", async () => {
    const { storage, saver, session, values } = await trained();
    await storage.remove("run/checkpoint");
    await empty(storage, shard(3));
    expect(await saver.restore(session, "run/", { fallBack: true })).toMatchObject({ checkpoint: "run/m-2" });
    expect(await values()).toEqual(all(2));
  });

  it("throws the first error, with all variables as they were, if there is no good one", async () => {
    const { storage, saver, session, values, warnings } = await trained();
    for (const step of [1, 2, 3]) await empty(storage, shard(step));
    await expect(saver.restore(session, "run/m-3", { fallBack: true })).rejects.toMatchObject({
      kind: "DataLossError",
      path: shard(3),
    });
    expect(await values()).toEqual(all(9));
    expect(warnings).toEqual([]);
  });

  it("does nothing for an error that is not about files", async () => {
    const { storage, session, graph, saver, values } = await trained();
    const wrong = [
      Variable.create([0], { graph, name: "other" }),
      Variable.create(toTensor([0, 0], "int32"), { graph: new Graph(), name: "v0" }),
    ];
    for (const variable of wrong) {
      const one = new Saver({ graph: variable.graph, storage, varList: [variable] });
      const on = variable.graph === graph ? session : new LocalSession(variable.graph, { storage });
      await expect(one.restore(on, "run/m-3", { fallBack: true })).rejects.toMatchObject({
        kind: variable.dtype === "int32" ? "InvalidArgumentError" : "NotFoundError",
      });
    }
    const signal = AbortSignal.abort();
    await expect(saver.restore(session, "run/m-3", { fallBack: true, signal })).rejects.toMatchObject({
      kind: "CancelledError",
    });
    expect(await values()).toEqual(all(9));
  });

  it("can be combined with match: intersect", async () => {
    const { storage, session, graph } = await trained();
    await empty(storage, "run/m-3.index");
    const more = Variable.create([7], { graph, name: "more" });
    await session.run(more.initializer);
    const saver = new Saver({ graph, storage, onWarning: () => undefined });
    expect(await saver.restore(session, "run/m-3", { fallBack: true, match: "intersect" })).toMatchObject({
      checkpoint: "run/m-2",
      restored: ["v0", "v1"],
      missing: ["more"],
    });
    expect(await valuesOf(session, [more])).toEqual([[7]]);
  });
});
