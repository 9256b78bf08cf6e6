import { listVariables, loadVariable, openCheckpoint, resolvePrefix } from "@tfsaver/checkpoint-reader";
import { toTensor } from "@tfsaver/core";
import { SlicesReader, SlicesWriter } from "@tfsaver/saved-tensor-slices";
import { MemoryStorage } from "@tfsaver/storage";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { beforeEach, describe, expect, it } from "vitest";
import { putFile } from "../../../fixtures/storage-files.js";

let storage: MemoryStorage;
beforeEach(() => {
  storage = new MemoryStorage();
});

const V2_FILES = [".index", ".data-00000-of-00001", ".meta"];

/** Writes a V2 checkpoint of one tensor, with a meta graph. */
async function v2(prefix: string, value: number): Promise<void> {
  const writer = new BundleWriter(prefix, { storage });
  await writer.add("a", toTensor(value));
  await writer.finish();
  await putFile(storage, `${prefix}.meta`, "meta_info_def { }");
}

async function v1(path: string, value: number): Promise<void> {
  const writer = new SlicesWriter(path, { storage });
  const tensor = toTensor(value);
  writer.add("a", { dtype: tensor.dtype, shape: tensor.shape, read: async () => tensor });
  await writer.finish();
}

const valueAt = async (path: string) => (await loadVariable(path, "a", { storage })).data[0];

describe("a file of a checkpoint", () => {
  it.each(V2_FILES)("%s stands for its V2 checkpoint", async (ending) => {
    await v2("m", 7);
    const reader = await openCheckpoint(`m${ending}`, { storage });
    expect([reader.prefix, reader.format]).toEqual(["m", "V2"]);
    await reader.close();
    expect(await valueAt(`m${ending}`)).toBe(7);
    expect(await listVariables(`m${ending}`, { storage })).toHaveLength(1);
    expect(await resolvePrefix(`m${ending}`, { storage })).toBe("m");
  });

  it("stands for a checkpoint whose prefix has an empty last part", async () => {
    await storage.createDirectory("run");
    await v2("run/", 7);
    for (const ending of ["", ...V2_FILES]) expect(await valueAt(`run/${ending}`)).toBe(7);
  });

  it("`.meta` stands for a V1 checkpoint, in one file or in shards", async () => {
    await v1("one", 1);
    await putFile(storage, "one.meta", "");
    await v1("two-00000-of-00001", 2);
    await putFile(storage, "two.meta", "");
    expect(await valueAt("one.meta")).toBe(1);
    expect(await valueAt("two.meta")).toBe(2);
    expect(await resolvePrefix("two.meta", { storage })).toBe("two-?????-of-00001");
    expect(await resolvePrefix("two", { storage })).toBe("two-?????-of-00001");
  });
});

describe("an exact prefix wins over a file of this name", () => {
  it.each(["m.index", "m.meta", "m.data-00000-of-00001"])("for the V2 checkpoint %s", async (prefix) => {
    await v2("m", 7);
    await v2(prefix, 8);
    expect([await valueAt(prefix), await valueAt("m")]).toEqual([8, 7]);
  });

  it("for the V1 checkpoint m.meta", async () => {
    await v2("m", 7);
    await v1("m.meta", 8);
    expect([await valueAt("m.meta"), await valueAt("m")]).toEqual([8, 7]);
    expect(await resolvePrefix("m.meta", { storage })).toBe("m.meta");
  });

  it("for the V1 checkpoint m.index", async () => {
    await v1("m.index", 8);
    expect(await valueAt("m.index")).toBe(8);
  });
});

describe("a V2 index", () => {
  it("is never an empty V1 checkpoint", async () => {
    await v2("m", 7);
    await expect(SlicesReader.open("m.index", { storage })).rejects.toMatchObject({
      kind: "InternalError",
      message: expect.stringContaining("such as the index of a V2 checkpoint"),
    });
    await expect(SlicesReader.open("m.index", { storage })).rejects.toMatchObject({ path: "m.index" });
  });
});

describe("what is no checkpoint", () => {
  it.each(["m", "m.index", "m.meta", "m.data-00000-of-00001", "", "run"])("%j has no prefix", async (path) => {
    await storage.createDirectory("run");
    await putFile(storage, "x.meta", "");
    expect(await resolvePrefix(path, { storage })).toBeUndefined();
    expect(await resolvePrefix("x.meta", { storage })).toBeUndefined();
    await expect(openCheckpoint(path, { storage })).rejects.toMatchObject({ kind: "NotFoundError" });
  });
});
