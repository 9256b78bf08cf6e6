import { type CheckpointMetrics, Saver } from "@tfsaver/saver";
import { describe, expect, it } from "vitest";
import { errorOf, smallModel } from "../model.js";

describe("onMetrics", () => {
  async function model(options: object = {}) {
    const told: CheckpointMetrics[] = [];
    const made = await smallModel({ onMetrics: (metrics) => told.push(metrics), ...options });
    const sizes = async (...paths: string[]) => {
      const stats = await Promise.all(paths.map((path) => made.storage.stat(path)));
      return stats.reduce((sum, stat) => sum + (stat?.size ?? 0), 0);
    };
    return { ...made, told, sizes };
  }

  it.each([
    ["V2", {}, ["m-1.data-00000-of-00001", "m-1.index"]],
    ["V2 in shards", { sharded: true }, ["m-1.data-00000-of-00001", "m-1.index"]],
    ["V1", { writeVersion: 1 }, ["m-1"]],
    ["V1 in shards", { writeVersion: 1, sharded: true }, ["m-1-00000-of-00001"]],
  ])("tells duration, bytes and files of a save and a restore: %s", async (_, options, files) => {
    const { saver, session, told, sizes, storage } = await model(options);
    await storage.createDirectory("run");
    const path = (await saver.save(session, "run/m", { globalStep: 1 })) as string;
    await saver.restore(session, path);
    const tensors = files.map((file) => `run/${file}`);
    const metaGraph = "run/m-1.meta";
    expect(told).toEqual([
      {
        operation: "save",
        path,
        durationMs: expect.any(Number),
        files: [...tensors, metaGraph].sort(),
        bytes: await sizes(...tensors, metaGraph),
      },
      {
        operation: "restore",
        path,
        durationMs: expect.any(Number),
        files: tensors,
        bytes: await sizes(...tensors),
      },
    ]);
    for (const { durationMs } of told) expect(durationMs).toBeGreaterThan(0);
  });

  it("leaves out files that are not of the checkpoint, and a meta graph that is not written", async () => {
    const { saver, session, told } = await model();
    await saver.save(session, "m");
    await saver.save(session, "m-2", { writeMetaGraph: false });
    expect(told[1]?.files).toEqual(["m-2.data-00000-of-00001", "m-2.index"]);
  });

  it("tells of a failure, with the error", async () => {
    const { saver, session, told } = await model();
    const error = await errorOf(() => saver.restore(session, "nowhere"));
    expect(told).toEqual([
      { operation: "restore", path: "nowhere", durationMs: expect.any(Number), files: [], bytes: 0, error },
    ]);
  });

  it("tells which checkpoint a restore fell back to", async () => {
    const { saver, session, told, storage } = await model();
    for (const globalStep of [1, 2]) await saver.save(session, "m", { globalStep });
    await storage.remove("m-2.data-00000-of-00001");
    await saver.restore(session, "m-2", { fallBack: true });
    expect(told.at(-1)).toMatchObject({ operation: "restore", path: "m-1" });
  });

  it("does no harm if it throws: that is a warning", async () => {
    const { saver, session, warnings } = await model({
      onMetrics: () => {
        throw new Error("no room");
      },
    });
    expect(await saver.save(session, "m")).toBe("m");
    expect(warnings).toEqual(["onMetrics failed for m: no room"]);
  });
});

describe("what a saver tells of itself", () => {
  it("is if it is built, if it is empty, and which format it writes", async () => {
    const { graph, saver } = await smallModel();
    expect([saver.isBuilt, saver.isEmpty, saver.writeVersion]).toEqual([true, false, 2]);
    const deferred = new Saver({ graph, deferBuild: true, writeVersion: 1 });
    expect([deferred.isBuilt, deferred.isEmpty, deferred.writeVersion]).toEqual([false, false, 1]);
    deferred.build();
    expect([deferred.isBuilt, deferred.writeVersion]).toEqual([true, 1]);
    const empty = new Saver({ graph, varList: [], allowEmpty: true });
    expect([empty.isBuilt, empty.isEmpty, empty.writeVersion]).toEqual([true, true, 2]);
    const saverDef = { ...(saver.asSaverDef() as NonNullable<ReturnType<Saver["asSaverDef"]>>), version: 1 };
    expect(Saver.fromProto(saverDef, { graph }).writeVersion).toBe(1);
  });
});
