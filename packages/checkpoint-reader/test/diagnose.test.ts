import { diagnoseCheckpoint } from "@tfsaver/checkpoint-reader";
import { toTensor } from "@tfsaver/core";
import { SlicesWriter } from "@tfsaver/saved-tensor-slices";
import { MemoryStorage, readFile } from "@tfsaver/storage";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { describe, expect, it } from "vitest";
import { goldenCheckpoints } from "../../../fixtures/goldens.js";
import { putFile } from "../../../fixtures/storage-files.js";

const DATA = "m.data-00000-of-00001";

/** Saves a V2 checkpoint `m` of three tensors of 8 bytes each, with values from `first` on. */
async function saved(first = 0): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  const writer = new BundleWriter("m", { storage });
  for (const [i, name] of ["a", "b", "c"].entries())
    await writer.add(name, toTensor([first + i, first + i], "float32"));
  await writer.finish();
  return storage;
}

async function v1(storage: MemoryStorage, path: string): Promise<void> {
  const writer = new SlicesWriter(path, { storage });
  const tensor = toTensor([1, 2], "float32");
  writer.add("a", { dtype: tensor.dtype, shape: tensor.shape, read: async () => tensor });
  await writer.finish();
}

/** The headings that explain the messages, most telling first. */
const ANCHORS: readonly (readonly [RegExp, string])[] = [
  [/V1 checkpoint with the name of a V2 index/, "v1-named-v2"],
  [/Git LFS pointer/, "git-lfs-pointer"],
  [/web page|XML/, "web-page"],
  [/JSON/, "json"],
  [/zip archive/, "zip"],
  [/filled with zeros/, "zeros"],
  [/HDF5/, "hdf5"],
  [/is text/, "text"],
  [/of another kind/, "foreign"],
  [/is a folder/, "folder"],
  [/is empty|is truncated|ends in zeros/, "truncated"],
  [/is missing|only 1 exist/, "missing"],
  [/longer than it must be|does not match the index/, "mixed-saves"],
  [/were changed|have wrong checksums/, "changed"],
];

async function diagnosis(storage: MemoryStorage, prefix = "m") {
  const problems = await diagnoseCheckpoint(prefix, { storage });
  for (const { message, more } of problems) {
    const [, anchor] = ANCHORS.find(([sign]) => sign.test(message)) ?? [];
    expect([message, more]).toEqual([message, `https://tfsaver.github.io/tfsaver/errors#${anchor}`]);
  }
  return problems;
}

const html = "<!DOCTYPE html>\n<html><body>Sign in</body></html>".padEnd(100);
const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 4321\n";

describe("diagnoseCheckpoint", () => {
  it("finds no problem in checkpoints of TensorFlow", async () => {
    for (const { path, prefix } of goldenCheckpoints().filter(({ prefix }) => prefix !== "incomplete")) {
      expect([prefix, await diagnoseCheckpoint(path)]).toEqual([prefix, []]);
    }
  });

  it("reports the actual and the required size of a data file, and the tensors affected", async () => {
    const storage = await saved();
    await putFile(storage, DATA, (await readFile(storage, DATA)).subarray(0, 12));
    expect(await diagnosis(storage)).toEqual([
      {
        path: DATA,
        size: 12,
        expectedSize: 24,
        tensors: ["b", "c"],
        message: expect.stringMatching(
          /^m\.data\S+ is truncated: 12 bytes, expected 24\. .*disk was full.*Affected tensors: b, c\.$/,
        ),
        more: expect.any(String),
      },
    ]);
  });

  it("says that a data file is missing, and which other is there", async () => {
    const storage = await saved();
    await storage.remove(DATA);
    expect(await diagnosis(storage)).toMatchObject([
      { path: DATA, size: undefined, expectedSize: 24, tensors: ["a", "b", "c"] },
    ]);
    await putFile(storage, "m.data-00000-of-00002", "");
    expect((await diagnosis(storage))[0]?.message).toMatch(/There is m\.data-00000-of-00002.*different saves/);
  });

  it("distinguishes a data file of another save from a damaged one", async () => {
    const storage = await saved();
    await putFile(storage, DATA, await readFile(await saved(9), DATA));
    expect((await diagnosis(storage))[0]).toMatchObject({
      path: DATA,
      tensors: ["a", "b", "c"],
      message: expect.stringMatching(/all 3 tensors.*different saves/),
    });
    const bytes = await readFile(await saved(), DATA);
    bytes[9] = (bytes[9] as number) ^ 1;
    await putFile(storage, DATA, bytes);
    expect((await diagnosis(storage))[0]).toMatchObject({ tensors: ["b"], message: expect.stringMatching(/1 of 3/) });
  });

  it.each([
    ["empty", "", /^m\.index is empty\./],
    ["text", "x".repeat(100), /^m\.index is text, not part of a TensorFlow checkpoint\.$/],
    ["a Git LFS pointer", pointer, /^m\.index is a Git LFS pointer.* has 4321 bytes: fetch it with `git lfs pull`/],
    ["a web page", html, /^m\.index is a web page/],
    ["an XML error", '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', /error message of a server/],
    ["JSON", '{"message": "Not Found"}', /JSON/],
    ["a zip archive", "PK\x03\x04".padEnd(80), /zip archive/],
    ["zeros", "\0".repeat(200), /filled with zeros/],
    ["of another kind", "\x01\x02".repeat(100), /it is a file of another kind\.$/],
  ])("says what an index is that is %s", async (_, content, wanted) => {
    const storage = await saved();
    await putFile(storage, "m.index", content);
    expect(await diagnosis(storage)).toMatchObject([{ path: "m.index", message: expect.stringMatching(wanted) }]);
  });

  it("reports the size of a truncated index", async () => {
    const storage = await saved();
    const index = await readFile(storage, "m.index");
    await putFile(storage, "m.index", index.subarray(0, index.length - 9));
    expect((await diagnosis(storage))[0]?.message).toMatch(
      new RegExp(`^m\\.index is truncated: it has ${index.length - 9} bytes.*copy may be incomplete`),
    );
  });

  it("reports a missing index next to data files", async () => {
    const storage = await saved();
    await storage.remove("m.index");
    expect((await diagnosis(storage))[0]?.message).toMatch(/^m\.index is missing, but there is m\.data-00000-of-00001/);
  });

  it.each(["m.index", DATA, "m.meta"])("diagnoses the checkpoint whose file is %s", async (path) => {
    const storage = await saved();
    await putFile(storage, "m.meta", "");
    expect(await diagnosis(storage, path)).toEqual([]);
    await putFile(storage, "m.index", pointer);
    expect((await diagnosis(storage, path))[0]?.message).toMatch(/^m\.index is a Git LFS pointer/);
    await storage.remove("m.index");
    expect((await diagnosis(storage, path))[0]?.message).toMatch(/^m\.index is missing|neither/);
  });

  it("never takes a changed byte of an index for a missing end", async () => {
    const storage = await saved();
    const index = await readFile(storage, "m.index");
    for (let at = 0; at < index.length; at++) {
      const changed = index.slice();
      changed[at] = (changed[at] as number) ^ 0x40;
      await putFile(storage, "m.index", changed);
      for (const { message } of await diagnosis(storage)) {
        expect(message, `byte ${at}`).toMatch(/^m\.index is damaged: some of its bytes were changed/);
      }
    }
  });

  it("says that an index ends in zeros", async () => {
    const storage = await saved();
    const index = await readFile(storage, "m.index");
    await putFile(storage, "m.index", index.fill(0, 64));
    expect((await diagnosis(storage))[0]?.message).toMatch(/^m\.index ends in zeros: a crash or a full disk/);
  });

  it.each([
    ["empty", "", /is truncated: 0 bytes, expected 24/],
    ["a Git LFS pointer", pointer.padEnd(130), /^m\.data\S+ has 130 bytes instead of 24: it is a Git LFS pointer/],
    ["a short Git LFS pointer", pointer.slice(0, 20), /^m\.data\S+ has 20 bytes instead of 24: it is text/],
    ["a web page", html, /^m\.data\S+ has 100 bytes instead of 24: it is a web page/],
    ["HDF5", "\x89HDF\r\n\x1a\n".padEnd(99, "\0"), /it is an HDF5 file/],
    ["longer", "\x01".repeat(99), /^m\.data\S+ is longer than it must be: 9\d bytes, expected 24/],
  ])("says what a data file is that is %s", async (_, content, wanted) => {
    const storage = await saved();
    await putFile(
      storage,
      DATA,
      Uint8Array.from(content, (char) => char.charCodeAt(0)),
    );
    expect((await diagnosis(storage))[0]).toMatchObject({ path: DATA, message: expect.stringMatching(wanted) });
  });

  it("does not mind bytes after the last tensor", async () => {
    const storage = await saved();
    await putFile(storage, DATA, Uint8Array.of(...(await readFile(storage, DATA)), 1, 2, 3));
    expect(await diagnosis(storage)).toEqual([]);
  });

  it("reports that the prefix is a folder", async () => {
    const storage = new MemoryStorage();
    await storage.createDirectory("run");
    expect((await diagnosis(storage, "run"))[0]?.message).toMatch(/^run is a folder/);
  });

  it("says what a meta graph is that is there alone, and that the index is missing", async () => {
    const storage = new MemoryStorage();
    await putFile(storage, "m.meta", pointer);
    expect((await diagnosis(storage, "m.meta")).map(({ message }) => message)).toEqual([
      "m.index is missing, but there is m.meta. Copy all files of the checkpoint.",
      expect.stringMatching(/^m\.meta is a Git LFS pointer/),
    ]);
  });

  it("finds a V1 file under the name of a V2 index", async () => {
    const storage = new MemoryStorage();
    await v1(storage, "m.index");
    expect((await diagnosis(storage))[0]?.message).toMatch(
      /is a V1 checkpoint with the name of a V2 index: rename it to m\.$/,
    );
  });

  it("diagnoses V1 files too", async () => {
    const storage = new MemoryStorage();
    await v1(storage, "old");
    expect(await diagnosis(storage, "old")).toEqual([]);
    await putFile(storage, "old", pointer);
    expect((await diagnosis(storage, "old"))[0]?.message).toMatch(/^old is a Git LFS pointer/);
    await v1(storage, "s-00000-of-00002");
    expect((await diagnosis(storage, "s-?????-of-00002"))[0]?.message).toMatch(/has 2 shards, but only 1 exist/);
  });

  it("reports that no checkpoint exists", async () => {
    await expect(diagnosis(new MemoryStorage())).rejects.toMatchObject({ kind: "NotFoundError" });
  });
});
