import { openKerasWeights } from "@tfsaver/interchange/keras-h5";
import { openNpz } from "@tfsaver/interchange/npz";
import { openSafetensors } from "@tfsaver/interchange/safetensors";
import { openTfjsWeights } from "@tfsaver/interchange/tfjs-weights";
import { MemoryStorage } from "@tfsaver/storage";
import { describe, expect, it } from "vitest";
import { rejection } from "../../../fixtures/rejection.js";
import { putFile } from "../../../fixtures/storage-files.js";

const LFS = `version https://git-lfs.github.com/spec/v1\noid sha256:${"0".repeat(64)}\nsize 23415\n`;

describe("something else in the place of a file", () => {
  it.each([
    ["model.safetensors", openSafetensors],
    ["weights.npz", openNpz],
    ["model.json", openTfjsWeights],
    ["model.weights.h5", openKerasWeights],
  ])("is named, and what to do: %s", async (name, open) => {
    for (const [content, text] of [
      [LFS, "is a Git LFS pointer, not the file itself, which has 23415 bytes: fetch it with `git lfs pull`"],
      ["<!DOCTYPE html><html>Not found</html>", "is a web page, not the file itself: fetch it again"],
      ["\0".repeat(5000), "is filled with zeros: a crash or a full disk kept its content from being written"],
    ] as const) {
      const storage = new MemoryStorage();
      await putFile(storage, name, content);
      const error = await rejection((open as typeof openNpz)(name, { storage }));
      expect(error).toMatchObject({ kind: "DataLossError", path: name });
      expect(error.message).toBe(`${name} ${text}`);
    }
  });

  it("is named in the place of one file of a set", async () => {
    const storage = new MemoryStorage();
    await putFile(storage, "model.safetensors.index.json", JSON.stringify({ weight_map: { a: "part.safetensors" } }));
    await putFile(storage, "part.safetensors", LFS);
    const error = await rejection(openSafetensors("model.safetensors.index.json", { storage }));
    expect(error.message).toContain("part.safetensors is a Git LFS pointer");
  });
});
