import {
  allDataPattern,
  allShardsPattern,
  allStagedDataPattern,
  flatPartPrefix,
  isPartFilename,
  isSavedModelFilename,
  looseDataPattern,
  metaGraphFilename,
  parseCheckpointFilename,
  parseShardFilespec,
  partPrefix,
  replacementFilename,
  savedModelFilename,
  savedModelPrefix,
  shardFilespec,
  temporaryFilename,
  temporarySuffix,
  wholeShardPattern,
  withSuffix,
} from "@tfsaver/checkpoint-names";
import { describe, expect, it } from "vitest";

describe("metaGraphFilename", () => {
  // The last four are from runs of TensorFlow 2.21.
  it.each([
    ["a", "a.meta"],
    ["a-5", "a-5.meta"],
    ["a-00001-of-00002", "a.meta"],
    ["a-5-?????-of-00005", "a-5.meta"],
    ["a-?????-of-?????", "a-?????-of-?????.meta"],
    ["a-1-of-2x", "a-1-of-2x.meta"],
    ["x-of-2", "x-of-2.meta"],
    ["a-1-of-2-3-of-4", "a-1-of-2.meta"],
    ["", ".meta"],
    ["a-1-of-2\n", "a\n.meta"],
  ])("of %j is %j", (path, name) => {
    expect(metaGraphFilename(path)).toBe(name);
  });

  it("accepts another suffix", () => {
    expect(metaGraphFilename("d/m-1-of-1", "graph")).toBe("d/m.graph");
  });
});

describe("a pattern", () => {
  it.each([
    [shardFilespec("d/m", 2), "d/m-?????-of-00002", { prefix: "d/m", numShards: 2 }],
    [shardFilespec("d/", 123_456), "d/-?????-of-123456", { prefix: "d/", numShards: 123_456 }],
    [shardFilespec("a\\[1\\]\n", 1), "a\\[1\\]\n-?????-of-00001", { prefix: "a\\[1\\]\n", numShards: 1 }],
    [allShardsPattern("m"), "m-?????-of-?????", { prefix: "m", numShards: undefined }],
    [allShardsPattern("m-00000-of-00002"), "m-00000-of-00002-?????-of-?????", { prefix: "m-00000-of-00002" }],
  ])("of V1 shards is printed and parsed: %j", (printed, pattern, parsed) => {
    expect(printed).toBe(pattern);
    expect(parseShardFilespec(pattern)).toMatchObject(parsed);
  });

  it.each(["m", "m-00000-of-00002", "m-?????-of-2", "m-??????-of-000002", "m-?????-of-00002\n", "m-?????-of-??????"])(
    "is not %j",
    (path) => {
      expect(parseShardFilespec(path)).toBeUndefined();
    },
  );

  it("stands for data files, or a first staged shard", () => {
    expect(allDataPattern("m")).toBe("m.data-?????-of-?????");
    expect(allStagedDataPattern("m")).toBe("m.temp-?????-of-?????");
    expect(wholeShardPattern("d/m")).toBe("d/m_temp/whole-00000-of-?????");
    expect(looseDataPattern("m")).toBe("m.data-*-of-*");
  });
});

describe("the graph of a SavedModel", () => {
  it("lies beside the folder of its checkpoint, and other checkpoints have none", () => {
    for (const folder of ["", "model", "a/b/", "/"]) {
      const graph = savedModelFilename(savedModelPrefix(folder)) as string;
      expect(graph).toBe(`${folder}${folder === "" || folder.endsWith("/") ? "" : "/"}saved_model.pb`);
      expect(isSavedModelFilename(graph.split("/").at(-1) as string)).toBe(true);
    }
    for (const prefix of ["", "variables", "model/my-variables/variables", "variables/variables-1"]) {
      expect(savedModelFilename(prefix)).toBeUndefined();
    }
  });
});

describe("the folder for parts", () => {
  it("holds parts of one prefix", () => {
    expect(partPrefix("d/m")).toBe("d/m_temp/part");
    expect(partPrefix("")).toBe("_temp/part");
    expect(flatPartPrefix("d/m")).toBe("d/m.part");
  });

  it.each([
    "part-00000-of-00002",
    "part-00000-of-00002.tempstate7",
    "whole-00000-of-00002",
    "part-00000-of-00002.index",
    "part-00000-of-00002.index.tempstate7",
    "part-00000-of-00002.data-00000-of-00001",
    "part-00000-of-00002.data-00000-of-00001.tempstate7",
    "part-100000-of-100001",
  ])("holds %j", (name) => {
    expect(isPartFilename(name)).toBe(true);
  });

  it.each([
    "part",
    "whole-00001-of-00002",
    "whole-00000-of-00002.tempstate7",
    "part-00000-of-00002.meta",
    "a-part-00000-of-00002",
    "part-00000-of-00002\n",
    "part-00000-of-00002.temp-00000-of-00001",
  ])("does not hold %j", (name) => {
    expect(isPartFilename(name)).toBe(false);
  });
});

describe("a temporary name", () => {
  it("has TensorFlow's form, with a number that marks no stage", () => {
    for (let i = 0; i < 100; i++) {
      const number = BigInt(temporarySuffix().replace(/^\.tempstate/, ""));
      expect(number).toBeGreaterThanOrEqual(4n);
      expect(number).toBeLessThan(1n << 64n);
    }
  });

  it("shows which file is being written", () => {
    const index = { prefix: "d/m", role: "index", stage: "temporary" };
    expect(parseCheckpointFilename(temporaryFilename("d/m.index"))).toMatchObject(index);
    const state = { prefix: "d/latest", role: "state", stage: "temporary" };
    expect(parseCheckpointFilename(replacementFilename("d/latest"))).toMatchObject(state);
    expect(replacementFilename("d/latest")).toMatch(/^d\/latest\.tmp[0-9a-f]{32}$/);
  });

  it.each([
    ["d/m", ".suffix", "d/m.suffix"],
    ["d/", ".suffix", "d/.suffix"],
    [`d/${"x".repeat(248)}`, ".suffix", `d/${"x".repeat(248)}.suffix`],
    [`d/${"x".repeat(249)}`, ".suffix", `d/${"x".repeat(248)}.suffix`],
    [`${"d".repeat(300)}/m`, ".suffix", `${"d".repeat(300)}/m.suffix`],
    // Two characters of three bytes each, and one of four: 247 bytes, and the next would be the 250th.
    [`${"x".repeat(241)}漢漢漢`, ".suffix", `${"x".repeat(241)}漢漢.suffix`],
    [`${"x".repeat(245)}🎉`, ".suffix", `${"x".repeat(245)}.suffix`],
  ])("of %j fits into 255 bytes", (path, suffix, result) => {
    expect(withSuffix(path, suffix)).toBe(result);
    const name = withSuffix(path, suffix).split("/").at(-1) as string;
    expect(new TextEncoder().encode(name).length).toBeLessThanOrEqual(255);
  });
});
