import { type CheckpointReader, debugString, openCheckpoint, type TensorInfo } from "@tfsaver/checkpoint-reader";
import { describe, expect, it } from "vitest";
import { base64 } from "../../../fixtures/bytes.js";
import { goldenCheckpoints } from "../../../fixtures/goldens.js";
import { jsonLines } from "../../../fixtures/json-lines.js";
import recorded from "./tensorflow-debug-strings.jsonl?raw";

const texts = new Map(
  jsonLines<{ checkpoint: string; text: string }>(recorded).map(({ checkpoint, text }) => [checkpoint, text]),
);
const goldens = goldenCheckpoints().filter(({ folder, prefix }) => texts.has(`${folder}/${prefix}`));

describe("the contents of a checkpoint as text", () => {
  it.each(goldens)(
    "are for $folder/$prefix the bytes that TensorFlow gives",
    async ({ folder, prefix, path, format }) => {
      const reader = await openCheckpoint(path);
      const theirs = texts.get(`${folder}/${prefix}`) as string;
      const ours = await debugString(reader);
      await reader.close();
      expect(base64(ours)).toBe(format === "V1" ? sorted(theirs) : theirs);
    },
  );

  it("were recorded of checkpoints of both formats, partitioned ones among them", () => {
    expect(new Set(goldens.map(({ format }) => format))).toEqual(new Set(["V1", "V2"]));
    expect(goldens.map(({ folder }) => folder)).toEqual(expect.arrayContaining(["v1-partitioned", "v2-partitioned"]));
  });

  it("list a tensor of 150,000 slices", async () => {
    const count = 150_000;
    const slices = Array.from({ length: count }, (_, start) => [{ start, length: 1 }]);
    const info: TensorInfo = { name: "t", dtype: "uint8", shape: [count], size: count, slices, shard: 0 };
    async function* tensors() {
      yield info;
    }
    const text = await debugString({ format: "V2", tensors } as unknown as CheckpointReader);
    expect(new TextDecoder("latin1").decode(text).match(/ \(DT_UINT8\) \[1\]/g)).toHaveLength(count);
  });
});

/** TensorFlow lists a V1 checkpoint in the order of a hash table. */
function sorted(text: string): string {
  return btoa(`${atob(text).trimEnd().split("\n").sort().join("\n")}\n`);
}
