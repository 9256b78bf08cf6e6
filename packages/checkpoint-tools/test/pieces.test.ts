import { openCheckpoint } from "@tfsaver/checkpoint-reader";
import { formatPieces, formatTensor, piecesToJson, piecesToNpy, tensorToJson, toNpy } from "@tfsaver/checkpoint-tools";
import { numElements } from "@tfsaver/core";
import { concatBytes } from "@tfsaver/core/coding";
import { describe, expect, it } from "vitest";
import { hex } from "../../../fixtures/bytes.js";
import { goldenCheckpoints } from "../../../fixtures/goldens.js";

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const goldens = goldenCheckpoints().filter(({ tensors }) => Object.keys(tensors).length < 100);

describe.each(goldens)("golden $folder/$prefix", ({ path, tensors }) => {
  it("is shown in pieces just as at once, in every form", async () => {
    const reader = await openCheckpoint(path);
    for (const [name, { error, dtype }] of Object.entries(tensors)) {
      if (error !== undefined || dtype === "variant") continue;
      const tensor = await reader.get(name);
      const pieces = () => reader.stream(name, { pieceBytes: 40 });
      if (numElements(tensor.shape) > 5000) continue;
      expect((await all(piecesToJson(tensor, pieces()))).join("")).toBe([...tensorToJson(tensor)].join(""));
      const options = { threshold: 10, edgeItems: 2 };
      expect(await formatPieces(tensor, pieces(), options)).toBe(formatTensor(tensor, options));
      if (dtype === "string") continue;
      expect(hex(concatBytes(await all(piecesToNpy(tensor, pieces()))))).toBe(hex(concatBytes(toNpy(tensor))));
    }
    await reader.close();
  });
});
