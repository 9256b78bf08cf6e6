import { toTensor } from "@tfsaver/core";
import { MemoryStorage, readFile } from "@tfsaver/storage";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { beforeEach, describe, expect, it } from "vitest";
import { putFile } from "../../../../fixtures/storage-files.js";
import { tfckpt } from "../run-cli.js";

const DATA = "m.data-00000-of-00001";
const TRUNCATED = /truncated|incomplete|cut/;

/** Contents of files of other kinds, longer than the data file. */
const FOREIGN = {
  "a Git LFS pointer": "version https://git-lfs.github.com/spec/v1\noid sha256:abab\nsize 23415\n",
  "a web page": "<!DOCTYPE html><html><body>Google Drive - Virus scan warning</body></html>",
  "a Keras model (.keras)": `PK\x03\x04${"\0".repeat(22)}\x0d\0\0\0metadata.json{}`.padEnd(99, "\0"),
  "a set of NumPy arrays (.npz)": `PK\x03\x04${"\0".repeat(22)}\x05\0\0\0a.npy`.padEnd(99, "\0"),
  "a PyTorch checkpoint": `PK\x03\x04${"\0".repeat(22)}\x10\0\0\0archive/data.pkl`.padEnd(99, "\0"),
  "a zip archive": "PK\x03\x04".padEnd(99, "\0"),
  compressed: "\x1f\x8b\x08".padEnd(99, "\0"),
  "an HDF5 file": "\x89HDF\r\n\x1a\n".padEnd(99, "\0"),
  "a NumPy array (.npy)": "\x93NUMPY\x01\0".padEnd(99, "\0"),
  "a safetensors file": '\x40\0\0\0\0\0\0\0{"w":{}}'.padEnd(99, " "),
  "a Python pickle": "\x80\x04\x95\x10".padEnd(99, "\0"),
  "the graph of a SavedModel": "\x08\x01\x12\x50\x0a\x10\x12\x01".padEnd(99, "\0"),
  text: "some notes about this model, which are no checkpoint at all",
} as const;

let storage: MemoryStorage;
const run = (...args: string[]) => tfckpt(args, { storage });
const put = (path: string, content: string) =>
  putFile(
    storage,
    path,
    Uint8Array.from(content, (char) => char.charCodeAt(0)),
  );

beforeEach(async () => {
  storage = new MemoryStorage();
  const writer = new BundleWriter("m", { storage });
  await writer.add("w", toTensor([1, 2]));
  await writer.finish();
});

describe.each(Object.entries(FOREIGN))("%s", (what, content) => {
  const times = (text: string) => text.split(`is ${what}`).length - 1;

  it.each([
    ["index", "m.index", "m"],
    ["data file", DATA, "m"],
    ["V1 checkpoint", "model.ckpt", "model.ckpt"],
  ])("as %s is named once by ls, cat and verify, and never called truncated", async (place, file, prefix) => {
    await put(file, content);
    for (const args of [
      ["ls", prefix],
      ["cat", prefix, "w"],
      ["verify", prefix],
      ["digest", prefix],
    ]) {
      if (args[0] === "ls" && place === "data file") continue;
      const { code, stdout, stderr } = await run(...args);
      expect([args, code]).toEqual([args, 1]);
      expect({ args, times: times(stdout + stderr), all: stdout + stderr }).toMatchObject({ times: 1 });
      expect(stderr).not.toMatch(TRUNCATED);
    }
  });

  it("as state file is named by a warning, and the only checkpoint is used", async () => {
    await storage.createDirectory("run");
    for (const name of ["m.index", DATA]) await putFile(storage, `run/${name}`, await readFile(storage, name));
    await put("run/checkpoint", content);
    const { code, stdout, stderr } = await run("ls", "run");
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toContain("w ");
    expect(stderr).toContain(what === "text" ? "checkpoint" : `is ${what}`);
  });
});

it("a file that can be converted or viewed is named first, then why it is no checkpoint", async () => {
  await storage.createDirectory("x");
  await put("x/m.safetensors", FOREIGN["a safetensors file"]);
  const { stderr, more } = await run("ls", "x/m.safetensors");
  expect(more).toBe("https://tfsaver.github.io/tfsaver/errors#safetensors");
  expect(stderr.split("\n").slice(0, 3)).toEqual([
    "tfckpt: x/m.safetensors is a safetensors file, not part of a TensorFlow checkpoint.",
    "tfckpt: tfckpt convert makes a checkpoint of x/m.safetensors, and tfckpt view shows what is in it.",
    expect.stringContaining("not an sstable (bad magic number)"),
  ]);
});

it("one problem stands for a data file that is longer than it must be", async () => {
  await put(DATA, FOREIGN["a Git LFS pointer"].padEnd(130));
  const { problems } = JSON.parse((await run("verify", "m", "--json")).stdout);
  expect(problems).toEqual([
    expect.objectContaining({
      path: DATA,
      message: expect.stringContaining("has 130 bytes instead of 8: it is a Git LFS"),
    }),
  ]);
});
