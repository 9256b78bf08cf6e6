import {
  breakingFilename,
  type CheckpointFilename,
  dataFilename,
  type FileRole,
  finalFilename,
  indexFilename,
  lockFilename,
  metaGraphFilename,
  parseCheckpointFilename,
  partPrefix,
  partsFolder,
  recordsFilename,
  removingFilename,
  shardFilename,
  stagedDataFilename,
  stagedIndexFilename,
  stagedShardFilename,
  wholeShardFilename,
} from "@tfsaver/checkpoint-names";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const HEX = "0123456789abcdef0123456789abcdef";

type Parsed = Omit<CheckpointFilename, "prefix" | "format">;
type Case = readonly [name: string, prefix: string, parsed: Parsed, printed?: string];

const index: Parsed = { role: "index", stage: "final" };
const meta: Parsed = { role: "meta-graph", stage: "final" };
const lock: Parsed = { role: "lock", stage: "final" };
const bare: Parsed = { role: "slices", stage: "final" };
const shard = (role: FileRole, number: number, numShards: number, stage: Parsed["stage"] = "final"): Parsed => ({
  role,
  stage,
  shard: number,
  numShards,
});
const temporary = (parsed: Parsed): Parsed => ({ ...parsed, stage: "temporary" });

/** A name, its prefix, its parsed form, and the printed name if it differs. */
const FILES: readonly Case[] = [
  // V2
  ["m.index", "m", index, indexFilename("m")],
  ["m.data-00000-of-00001", "m", shard("data", 0, 1), dataFilename("m", 0, 1)],
  ["d/e/m-5.data-00012-of-00020", "d/e/m-5", shard("data", 12, 20), dataFilename("d/e/m-5", 12, 20)],
  ["/m.index", "/m", index, indexFilename("/m")],
  ["s3://bucket/m.index", "s3://bucket/m", index, indexFilename("s3://bucket/m")],
  // V1
  ["m", "m", bare, "m"],
  ["model.ckpt-5", "model.ckpt-5", bare, "model.ckpt-5"],
  ["m-00001-of-00002", "m", shard("slices", 1, 2), shardFilename("m", 1, 2)],
  // Both formats
  ["m.meta", "m", meta, metaGraphFilename("m")],
  ["d/m.saving", "d/m", lock, lockFilename("d/m")],
  ["d/checkpoint", "d/checkpoint", { role: "state", stage: "final" }, "d/checkpoint"],
  ["d/checkpoint.records.json", "d/checkpoint", { role: "records", stage: "final" }, recordsFilename("d/checkpoint")],
  // Files that replace others
  ["d/m.index.tempstate0", "d/m", { ...index, stage: "staged" }, stagedIndexFilename("d/m")],
  ["d/m.temp-00001-of-00002", "d/m", shard("data", 1, 2, "staged"), stagedDataFilename("d/m", 1, 2)],
  ["d/m_temp/part-00001-of-00002", "d/m", shard("slices", 1, 2, "staged"), stagedShardFilename("d/m", 1, 2)],
  [
    "d/m_temp/whole-00000-of-00002",
    "d/m",
    { ...shard("slices", 0, 2, "staged"), isWhole: true },
    wholeShardFilename("d/m", 2),
  ],
  ["m.index.tempstate1", "m", { ...index, stage: "removing" }, removingFilename("m")],
  ["m.saving.tempstate2", "m", { ...lock, stage: "breaking" }, breakingFilename("m.saving")],
  // Temporary files
  ["m.tempstate12345", "m", temporary(bare)],
  ["m.index.tempstate18446744073709551615", "m", temporary(index)],
  ["m.data-00000-of-00001.tempstate7", "m", temporary(shard("data", 0, 1))],
  ["m-00000-of-00002.tempstate7", "m", temporary(shard("slices", 0, 2))],
  ["m_temp/part-00000-of-00002.tempstate7", "m", temporary(shard("slices", 0, 2))],
  ["m.saving.tempstate99", "m", temporary(lock)],
  [`m.meta.tmp${HEX}`, "m", temporary(meta)],
  [`checkpoint.tmp${HEX}`, "checkpoint", { role: "state", stage: "temporary" }],
  [`latest.tmp${HEX}`, "latest", { role: "state", stage: "temporary" }],
  [`checkpoint.records.json.tmp${HEX}`, "checkpoint", { role: "records", stage: "temporary" }],
  [`.tmp${HEX}`, "", { role: "state", stage: "temporary" }],
  // A mark counts only behind the ending that it belongs to.
  ["m.index.tempstate2", "m", temporary(index)],
  ["m.index.tempstate00", "m", temporary(index)],
  ["m.saving.tempstate1", "m", temporary(lock)],
  ["m.tempstate0", "m", temporary(bare)],
  ["m_temp/whole-00000-of-00002.tempstate7", "m_temp/whole-00000-of-00002", temporary(bare)],
  [`m_temp/whole-00000-of-00002.tmp${HEX}`, "m_temp/whole-00000-of-00002", { role: "state", stage: "temporary" }],
  // Parts of a sharded V2 checkpoint are checkpoints of their own.
  [
    "m_temp/part-00001-of-00002.index",
    "m_temp/part-00001-of-00002",
    index,
    indexFilename(`${partPrefix("m")}-00001-of-00002`),
  ],
  ["part-00001-of-00002", "part", shard("slices", 1, 2), shardFilename("part", 1, 2)],
  // The last part of the prefix is empty.
  ["d/.index", "d/", index, indexFilename("d/")],
  ["d/.data-00000-of-00001", "d/", shard("data", 0, 1), dataFilename("d/", 0, 1)],
  ["d/-00000-of-00002", "d/", shard("slices", 0, 2), shardFilename("d/", 0, 2)],
  ["d/.meta", "d/", meta, metaGraphFilename("d/")],
  ["d/.saving", "d/", lock, lockFilename("d/")],
  ["d/_temp/part-00000-of-00002", "d/", shard("slices", 0, 2, "staged"), stagedShardFilename("d/", 0, 2)],
  [".index", "", index, indexFilename("")],
  ["", "", bare, ""],
  // The prefix has the name of the state file.
  ["checkpoint.index", "checkpoint", index, indexFilename("checkpoint")],
  ["checkpoint-00000-of-00002", "checkpoint", shard("slices", 0, 2), shardFilename("checkpoint", 0, 2)],
  ["checkpoint.meta", "checkpoint", meta, metaGraphFilename("checkpoint")],
  ["checkpoint.tempstate7", "checkpoint", temporary(bare)],
  // The prefix ends like another kind of file.
  ["m-00000-of-00002.index", "m-00000-of-00002", index, indexFilename("m-00000-of-00002")],
  [
    "m-00000-of-00002-00001-of-00003",
    "m-00000-of-00002",
    shard("slices", 1, 3),
    shardFilename("m-00000-of-00002", 1, 3),
  ],
  ["m.data-00000-of-00001.index", "m.data-00000-of-00001", index, indexFilename("m.data-00000-of-00001")],
  ["m.index.index", "m.index", index, indexFilename("m.index")],
  ["m.meta.data-00000-of-00001", "m.meta", shard("data", 0, 1), dataFilename("m.meta", 0, 1)],
  ["m.saving.index", "m.saving", index, indexFilename("m.saving")],
  ["m_temp.index", "m_temp", index, indexFilename("m_temp")],
  ["m.temp", "m.temp", bare, "m.temp"],
  ["m_temp", "m_temp", bare, "m_temp"],
  // Glob characters, line ends, dots and other scripts have no special meaning.
  ["a[1]*?\\.index", "a[1]*?\\", index, indexFilename("a[1]*?\\")],
  ["m-?????-of-00002", "m-?????-of-00002", bare, "m-?????-of-00002"],
  ["a\nb\n.index", "a\nb\n", index, indexFilename("a\nb\n")],
  ["a\n-00000-of-00002", "a\n", shard("slices", 0, 2), shardFilename("a\n", 0, 2)],
  ["m.index\n", "m.index\n", bare, "m.index\n"],
  ["m-00000-of-00002\r\n", "m-00000-of-00002\r\n", bare, "m-00000-of-00002\r\n"],
  ["d/..x.index", "d/..x", index, indexFilename("d/..x")],
  ["../..x-00000-of-00001", "../..x", shard("slices", 0, 1), shardFilename("../..x", 0, 1)],
  ["é漢🎉.index", "é漢🎉", index, indexFilename("é漢🎉")],
  ["m-٠٠٠٠٠-of-٠٠٠٠٢", "m-٠٠٠٠٠-of-٠٠٠٠٢", bare, "m-٠٠٠٠٠-of-٠٠٠٠٢"],
  // Only shard numbers as printed by %05d.
  ["m.data-99999-of-100000", "m", shard("data", 99_999, 100_000), dataFilename("m", 99_999, 100_000)],
  ["m-123456-of-2147483647", "m", shard("slices", 123_456, 2_147_483_647), shardFilename("m", 123_456, 2_147_483_647)],
  [
    "m.temp-100000-of-100001",
    "m",
    shard("data", 100_000, 100_001, "staged"),
    stagedDataFilename("m", 100_000, 100_001),
  ],
  ["m.data-000000-of-000001", "m.data-000000-of-000001", bare, "m.data-000000-of-000001"],
  ["m-0-of-2", "m-0-of-2", bare, "m-0-of-2"],
  ["m-00000-of-99999999999", "m-00000-of-99999999999", bare, "m-00000-of-99999999999"],
  // The longest name
  ["x".repeat(255), "x".repeat(255), bare, "x".repeat(255)],
  [`${"x".repeat(249)}.index`, "x".repeat(249), index, indexFilename("x".repeat(249))],
  [`${"x".repeat(248)}.saving`, "x".repeat(248), lock, lockFilename("x".repeat(248))],
  [`${"x".repeat(248)}.saving`, "x".repeat(248), lock, lockFilename("x".repeat(250))],
  [`${"x".repeat(244)}.tempstate2`, "x".repeat(244), temporary(bare), breakingFilename(lockFilename("x".repeat(244)))],
  // Almost valid names
  ["m.data", "m.data", bare, "m.data"],
  ["m.INDEX", "m.INDEX", bare, "m.INDEX"],
  ["mindex", "mindex", bare, "mindex"],
  ["m.tempstate", "m.tempstate", bare, "m.tempstate"],
  [`m.tempstate${"1".repeat(21)}`, `m.tempstate${"1".repeat(21)}`, bare, `m.tempstate${"1".repeat(21)}`],
  [`m.tmp${HEX}0`, `m.tmp${HEX}0`, bare, `m.tmp${HEX}0`],
  ["records.json", "records.json", bare, "records.json"],
];

const FORMATS = { index: "V2", data: "V2", slices: "V1" } as Record<FileRole, "V1" | "V2" | undefined>;

describe("the name of a file", () => {
  it.for(FILES)("%j belongs to %j", ([name, prefix, parsed, printed = name]) => {
    expect(parseCheckpointFilename(name)).toEqual({ prefix, format: FORMATS[parsed.role], ...parsed });
    expect(printed).toBe(name);
  });

  it.for(FILES.filter(([, , { stage }]) => stage === "final"))("%j is printed from its parsed form", ([name]) => {
    expect(finalFilename(parseCheckpointFilename(name))).toBe(name);
  });

  it.each([
    ["d/m_temp/part-00001-of-00002", "d/m-00001-of-00002"],
    ["d/m_temp/whole-00000-of-00002", "d/m-00000-of-00002"],
    ["m.temp-00001-of-00002", "m.data-00001-of-00002"],
    ["m.index.tempstate0", "m.index"],
    ["m.tempstate77", "m"],
    [`checkpoint.tmp${HEX}`, "checkpoint"],
  ])("%j becomes %j", (name, final) => {
    expect(finalFilename(parseCheckpointFilename(name))).toBe(final);
  });

  it("depends on the name of the state file", () => {
    const options = ["file", "latest"] as const;
    expect(parseCheckpointFilename("d/latest", ...options)).toMatchObject({ role: "state", prefix: "d/latest" });
    expect(parseCheckpointFilename("d/checkpoint", ...options)).toMatchObject({ role: "slices", format: "V1" });
  });

  it("parses every printed prefix and shard", () => {
    const prefix = fc.string({ unit: "binary", maxLength: 40 });
    const number = fc.nat(2_000_000);
    fc.assert(
      fc.property(prefix, number, number, (of, at, count) => {
        expect(parseCheckpointFilename(indexFilename(of))).toMatchObject({ prefix: of, role: "index" });
        const shards = { prefix: of, shard: at, numShards: count };
        expect(parseCheckpointFilename(dataFilename(of, at, count))).toMatchObject({ ...shards, role: "data" });
        expect(parseCheckpointFilename(stagedDataFilename(of, at, count))).toMatchObject({
          ...shards,
          stage: "staged",
        });
        expect(parseCheckpointFilename(stagedShardFilename(of, at, count))).toMatchObject({
          ...shards,
          stage: "staged",
        });
        expect(parseCheckpointFilename(partsFolder(of), "directory")).toMatchObject({ prefix: of, role: "parts" });
      }),
    );
  });
});

describe("the name of a folder", () => {
  it.each([
    ["m_temp", "m"],
    [`d/m_temp_${HEX}`, "d/m"],
    ["d/_temp", "d/"],
    ["a\nb_temp", "a\nb"],
    ["m_temp_temp", "m_temp"],
  ])("%j has the parts of %j", (name, prefix) => {
    const parts = { prefix, format: undefined, role: "parts", stage: "temporary" };
    expect(parseCheckpointFilename(name, "directory")).toEqual(parts);
  });

  it.each(["m", "m.index", "m_temp_0", `m_temp_${HEX.toUpperCase()}`, "m_temp/", "_temporary", ""])(
    "%j says nothing",
    (name) => {
      expect(parseCheckpointFilename(name, "directory")).toBeUndefined();
    },
  );

  it("is printed without the digits of old releases", () => {
    expect(partsFolder("d/m")).toBe("d/m_temp");
  });
});
