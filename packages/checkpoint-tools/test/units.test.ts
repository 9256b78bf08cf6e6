import { formatBytes, formatCount } from "@tfsaver/checkpoint-tools";
import { expect, it } from "vitest";

it.each([
  [0, "0 B"],
  [580, "580 B"],
  [1023, "1023 B"],
  [1024, "1.0 KiB"],
  [1536, "1.5 KiB"],
  [1024 ** 2 - 1, "1.0 MiB"],
  [102_400_000, "97.7 MiB"],
  [5 * 1024 ** 4, "5.0 TiB"],
  [Number.MAX_SAFE_INTEGER, "8.0 PiB"],
])("%d bytes are %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

it("formats counts", () => {
  expect([formatCount(0, "tensor"), formatCount(1, "tensor"), formatCount(12345, "tensor")]).toEqual([
    "0 tensors",
    "1 tensor",
    "12,345 tensors",
  ]);
});
