import { type TensorSlice, toTensor } from "@tfsaver/core";
import { SlicesWriter } from "@tfsaver/saved-tensor-slices";
import { MemoryStorage } from "@tfsaver/storage";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { expect, it } from "vitest";
import { openCheckpoint } from "../src/index.js";

const WRONG: Readonly<Record<string, [TensorSlice, string]>> = {
  "of too many dimensions": [["full", { start: 0, length: 1 }], "Mismatching ranks"],
  "beyond the end": [[{ start: 5, length: 2 }], "Extent in dimension 0 out of bounds"],
};

it.each(
  [BundleWriter, SlicesWriter].flatMap((Writer) =>
    Object.entries(WRONG).map(([what, wrong]) => [Writer, what, wrong] as const),
  ),
)("a slice %#, $1, is refused with the names of file and tensor", async (Writer, _, [slice, message]) => {
  const storage = new MemoryStorage();
  const writer = new Writer("m", { storage });
  await writer.add("a", toTensor([1, 2, 3, 4, 5, 6]));
  await writer.finish();
  await using reader = await openCheckpoint("m", { storage });
  const wanted = {
    kind: "InternalError",
    path: expect.stringMatching(/^m/),
    tensor: "a",
    message: expect.stringContaining(message),
  };
  await expect(reader.get("a", slice)).rejects.toMatchObject(wanted);
});
