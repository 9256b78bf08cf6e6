import { readFileSync } from "node:fs";
import { getCheckpointState, latestCheckpoint, statedPaths, updateCheckpointState } from "@tfsaver/checkpoint-state";
import { PermissionDeniedError, UnavailableError } from "@tfsaver/core";
import { MemoryStorage } from "@tfsaver/storage";
import { FaultyStorage } from "@tfsaver/testing";
import { afterEach, describe, expect, it, vi } from "vitest";
import { putFile, storageWith } from "../../../fixtures/storage-files.js";

afterEach(() => vi.restoreAllMocks());

/** Reads a state file of this text in the directory `d`, with the warnings it gives. */
async function read(text: string) {
  const storage = await storageWith({ "d/checkpoint": text });
  const warnings: string[] = [];
  const state = await getCheckpointState("d", { storage, onWarning: (message) => warnings.push(message) });
  return { state, warnings };
}

describe("getCheckpointState", () => {
  it("is undefined, without a word, where there is no file", async () => {
    const storage = new MemoryStorage();
    const onWarning = vi.fn();
    for (const directory of ["", ".", "/", "no/such"]) {
      expect(await getCheckpointState(directory, { storage, onWarning })).toBeUndefined();
    }
    expect(onWarning).not.toHaveBeenCalled();
  });

  it("puts relative paths behind the directory as they are", async () => {
    const storage = new MemoryStorage();
    const text = "model_checkpoint_path: './m' all_model_checkpoint_paths: ['/a', '../b', './m', '']";
    const file = await storage.create("checkpoint");
    await file.write([new TextEncoder().encode(text)]);
    expect(await getCheckpointState(".", { storage })).toMatchObject({
      modelCheckpointPath: "././m",
      allModelCheckpointPaths: ["/a", "./../b", "././m", "./"],
    });
  });

  it("gives back what was written, from a relative directory", async () => {
    const storage = await storageWith(["sub/x"]);
    const allModelCheckpointPaths = ["sub/m-1", "/abs/m-2", "sub/m-3"];
    await updateCheckpointState("sub", "sub/m-3", { allModelCheckpointPaths, latestFilename: "s", storage });
    expect(await getCheckpointState("sub", { storage, latestFilename: "s" })).toEqual({
      modelCheckpointPath: "sub/m-3",
      allModelCheckpointPaths,
      allModelCheckpointTimestamps: [],
      lastPreservedTimestamp: 0,
    });
  });

  it("reads the file that TensorFlow wrote with relative paths", async () => {
    const golden = new URL("../../../fixtures/goldens/relative-paths/checkpoint", import.meta.url);
    const { state } = await read(readFileSync(golden, "utf8"));
    expect(state?.modelCheckpointPath).toMatch(/^d\/[^/]+$/);
    expect(state?.allModelCheckpointPaths.at(-1)).toBe(state?.modelCheckpointPath);
  });

  // The texts and the results were run in TensorFlow 2.21; the wording behind the error's name is ours.
  it.each([
    ["garbage", 'line 1, column 8: there is no field "garbage"'],
    ['model_checkpoint_path: "a" foo: 1', 'there is no field "foo"'],
    ['\ufeffmodel_checkpoint_path: "a"', "line 1, column 1: expected a field name"],
    ['model_checkpoint_path: "a', "a string has no end"],
  ])("ignores %j with two warnings", async (text, problem) => {
    const { state, warnings } = await read(text);
    expect(state).toBeUndefined();
    expect(warnings).toEqual([expect.stringMatching(/^DataLossError: /), "d/checkpoint: Checkpoint ignored"]);
    expect(warnings[0]).toContain(problem.slice(problem.indexOf(":") + 2));
  });

  it.each([
    [
      "version https://git-lfs.github.com/spec/v1\nsize 7\n",
      "is a Git LFS pointer, not the file itself, which has 7 bytes",
    ],
    ["<!DOCTYPE html><html>", "is a web page, not the file itself: fetch it again"],
    ['{"error": 404}', "is JSON"],
    ["PK\u0003\u0004 and so on", "is a zip archive"],
  ])("says what the file is instead: %j", async (text, what) => {
    const { state, warnings } = await read(text);
    expect(state).toBeUndefined();
    expect(warnings).toEqual([expect.stringContaining(`d/checkpoint ${what}`), "d/checkpoint: Checkpoint ignored"]);
  });

  it("says what bytes are that are not UTF-8", async () => {
    const storage = new MemoryStorage();
    const file = await storage.create("checkpoint");
    await file.write([Uint8Array.from("\u0089HDF\r\n\u001a\n", (char) => char.charCodeAt(0))]);
    await expect(getCheckpointState("", { storage })).rejects.toThrow(
      "checkpoint is not a checkpoint state: it is an HDF5 file",
    );
  });

  it("ignores a folder in its place, and a file that is larger than any state file, with two warnings", async () => {
    const storage = new MemoryStorage();
    await storage.createDirectory("checkpoint");
    await storage.createDirectory("d");
    await putFile(storage, "d/checkpoint", new Uint8Array((16 << 20) + 1));
    const warnings: string[] = [];
    const onWarning = (message: string) => warnings.push(message);
    expect(await getCheckpointState("", { storage, onWarning })).toBeUndefined();
    expect(await getCheckpointState("d", { storage, onWarning })).toBeUndefined();
    expect(warnings).toEqual([
      "checkpoint is a folder, not a state file",
      "checkpoint: Checkpoint ignored",
      "d/checkpoint has 16777217 bytes, and no state file has more than 16777216",
      "d/checkpoint: Checkpoint ignored",
    ]);
  });

  it.each(["stat", "open", "read"] as const)(
    "rejects if the storage fails: a failing %s is not an absent file",
    async (failing) => {
      const inner = await storageWith({ "d/checkpoint": 'model_checkpoint_path: "m"' });
      const error = new UnavailableError("the server does not answer");
      const storage = new FaultyStorage(inner, { fail: ({ kind }) => kind === failing, error });
      const onWarning = () => undefined;
      for (const look of [getCheckpointState, latestCheckpoint, statedPaths]) {
        await expect(look("d", { storage, onWarning })).rejects.toMatchObject({ kind: "UnavailableError" });
      }
    },
  );

  it("says so if it gets something else than the folder of the checkpoints", async () => {
    const storage = await storageWith({ "d/m.index": "x" });
    await expect(getCheckpointState("d/m.index", { storage })).rejects.toMatchObject({
      kind: "FailedPreconditionError",
      message: "d/m.index is a file: pass the folder of the checkpoints",
    });
    for (const directory of [null, undefined, 5, ["d"]]) {
      await expect(getCheckpointState(directory as never, { storage })).rejects.toThrow(
        /^directory must be a string, not /,
      );
      await expect(latestCheckpoint(directory as never, { storage })).rejects.toThrow(
        /^directory must be a string, not /,
      );
    }
  });

  it("rejects if it can't be told whether the files of the newest checkpoint exist", async () => {
    const inner = await storageWith({ "d/checkpoint": 'model_checkpoint_path: "m"', "d/m.index": "x" });
    const error = new PermissionDeniedError("no");
    const storage = new FaultyStorage(inner, { fail: ({ path }) => path.startsWith("d/m"), error });
    await expect(latestCheckpoint("d", { storage })).rejects.toMatchObject({ kind: "PermissionDeniedError" });
  });

  it("takes a path of a state file for a path, not for a pattern", async () => {
    const long = "a".repeat(250);
    const storage = await storageWith({
      "d/checkpoint": 'model_checkpoint_path: "*a*a*a*a*b"',
      [`d/${long}`]: "x",
      "d/x.index": "x",
    });
    expect(await latestCheckpoint("d", { storage, onWarning: () => undefined })).toBeUndefined();
    await updateCheckpointState("d", "*", { storage });
    expect(await latestCheckpoint("d", { storage, onWarning: () => undefined })).toBeUndefined();
  });

  it("throws ValueError where no newest checkpoint is named", async () => {
    for (const text of ["", "# nothing\n", "all_model_checkpoint_paths: 'a'"]) {
      await expect(read(text)).rejects.toMatchObject({
        kind: "ValueError",
        message: "Invalid checkpoint state loaded from d",
        path: "d/checkpoint",
      });
    }
  });

  it("throws DataLossError for bytes that are not UTF-8", async () => {
    const storage = new MemoryStorage();
    const file = await storage.create("checkpoint");
    await file.write([Uint8Array.from([...new TextEncoder().encode('model_checkpoint_path: "'), 0xff, 0x22])]);
    await expect(getCheckpointState("", { storage })).rejects.toMatchObject({
      kind: "DataLossError",
      path: "checkpoint",
    });
  });

  it("warns on the console where nobody listens", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    await getCheckpointState("d", { storage: await storageWith({ "d/checkpoint": "garbage" }) });
    expect(warn.mock.calls.map(([message]) => message)[1]).toBe("d/checkpoint: Checkpoint ignored");
  });
});

describe("latestCheckpoint", () => {
  const state = "model_checkpoint_path: 'm-2' all_model_checkpoint_paths: ['m-1', 'm-2']";

  it.each(["d/m-2.index", "d/m-2", "d/m-2/x"])("finds the newest checkpoint by %s", async (file) => {
    const storage = await storageWith({ "d/checkpoint": state, [file]: "" });
    expect(await latestCheckpoint("d", { storage })).toBe("d/m-2");
  });

  it("finds a sharded V1 checkpoint by its pattern", async () => {
    const pattern = "model_checkpoint_path: 'm-?????-of-00002'";
    const storage = await storageWith({ "d/checkpoint": pattern, "d/m-00001-of-00002": "" });
    expect(await latestCheckpoint("d", { storage })).toBe("d/m-?????-of-00002");
  });

  it("is undefined, with a warning, if its files are gone, and looks for no older one", async () => {
    const storage = await storageWith({ "d/checkpoint": state, "d/m-1.index": "", "d/m-2.data-00000-of-00001": "" });
    const onWarning = vi.fn();
    expect(await latestCheckpoint("d", { storage, onWarning })).toBeUndefined();
    expect(onWarning.mock.calls).toEqual([["Couldn't match files for checkpoint d/m-2"]]);
  });

  it("is undefined where there is no state", async () => {
    expect(await latestCheckpoint("d", { storage: new MemoryStorage() })).toBeUndefined();
  });
});

describe("findMoved", () => {
  const moved = async () => {
    const storage = await storageWith(["new/m-1.index", "new/m-2-00000-of-00001", "elsewhere/m-3.index"]);
    await updateCheckpointState("new", "/old/m-2-?????-of-00001", {
      allModelCheckpointPaths: ["/old/m-1", "/old/m-9", "/elsewhere/m-3"],
      storage,
    });
    const warnings: string[] = [];
    return { storage, warnings, onWarning: (text: string) => warnings.push(text) };
  };

  it("takes checkpoints of a folder that was moved from where they are now, and says so", async () => {
    const { warnings, ...options } = await moved();
    expect(await getCheckpointState("new", { ...options, findMoved: true })).toMatchObject({
      modelCheckpointPath: "new/m-2-?????-of-00001",
      allModelCheckpointPaths: ["new/m-1", "/old/m-9", "/elsewhere/m-3", "new/m-2-?????-of-00001"],
    });
    expect(warnings).toEqual([
      "/old/m-2-?????-of-00001 is gone; new/m-2-?????-of-00001 is used instead",
      "/old/m-1 is gone; new/m-1 is used instead",
    ]);
    expect(await latestCheckpoint("new", { ...options, findMoved: true })).toBe("new/m-2-?????-of-00001");
  });

  it.each([
    "D:\\data\\run1\\model.ckpt-5",
    "\\\\server\\share\\model.ckpt-5",
    "run1\\model.ckpt-5",
    "gs://bucket/run1/model.ckpt-5",
  ])("finds a checkpoint that another system saved as %s", async (path) => {
    const text = `model_checkpoint_path: ${JSON.stringify(path)}\nall_model_checkpoint_paths: ${JSON.stringify(path)}\n`;
    const storage = await storageWith({ "run/checkpoint": text, "run/model.ckpt-5.index": "x" });
    const options = { storage, onWarning: () => undefined, findMoved: true };
    expect(await latestCheckpoint("run", options)).toBe("run/model.ckpt-5");
    expect((await getCheckpointState("run", options))?.allModelCheckpointPaths).toEqual(["run/model.ckpt-5"]);
  });

  it("leaves paths with characters that no file name has", async () => {
    const text = 'model_checkpoint_path: "/old/m\\0"\nall_model_checkpoint_paths: "/old/m\\0"\n';
    const storage = await storageWith({ "run/checkpoint": text });
    expect((await getCheckpointState("run", { storage, findMoved: true }))?.modelCheckpointPath).toBe("/old/m\0");
  });

  it("is off by default, as in TensorFlow", async () => {
    const { warnings, ...options } = await moved();
    expect((await getCheckpointState("new", options))?.modelCheckpointPath).toBe("/old/m-2-?????-of-00001");
    expect(await latestCheckpoint("new", options)).toBeUndefined();
    expect(warnings).toHaveLength(1);
  });

  it("prefers what is still where the file says", async () => {
    const storage = await storageWith(["/old/m-1.index", "new/m-1.index"]);
    await updateCheckpointState("new", "/old/m-1", { storage });
    const warnings: string[] = [];
    const onWarning = (text: string) => warnings.push(text);
    expect(await latestCheckpoint("new", { storage, onWarning, findMoved: true })).toBe("/old/m-1");
    expect(warnings).toEqual([]);
  });
});
