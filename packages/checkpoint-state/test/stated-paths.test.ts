import { statedPaths, updateCheckpointState } from "@tfsaver/checkpoint-state";
import { describe, expect, it } from "vitest";
import { addFiles, storageWith } from "../../../fixtures/storage-files.js";

describe("statedPaths", () => {
  it("returns each path once, the newest last", async () => {
    const storage = await storageWith(["run/notes.txt"]);
    expect(await statedPaths("run", { storage })).toEqual([]);
    await addFiles(storage, {
      "run/checkpoint":
        'model_checkpoint_path: "m-1"\nall_model_checkpoint_paths: "m-1"\nall_model_checkpoint_paths: "/old/m-2"\n',
    });
    expect(await statedPaths("run", { storage })).toEqual(["/old/m-2", "run/m-1"]);
    await updateCheckpointState("run", "run/m-3", { storage, latestFilename: "other" });
    expect(await statedPaths("run", { storage, latestFilename: "other" })).toEqual(["run/m-3"]);
  });

  it.each([
    ["no state", "x", "Checkpoint ignored"],
    ["an empty state", "", "run/checkpoint is ignored: Invalid checkpoint state"],
    ["no text", "\u{fffd}", "Checkpoint ignored"],
  ])("warns of a file that holds %s", async (_, content, warning) => {
    const warnings: string[] = [];
    const storage = await storageWith({ "run/checkpoint": content });
    const onWarning = (message: string) => warnings.push(message);
    expect(await statedPaths("run", { storage, onWarning })).toEqual([]);
    expect(warnings.at(-1)).toContain(warning);
  });
});
