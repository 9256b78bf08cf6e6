import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packedTensor, packStrings, toTensor } from "@tfsaver/core";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tfckpt } from "../run-cli.js";

const folder = mkdtempSync(join(tmpdir(), "tfsaver-slice-"));
const prefix = join(folder, "m");

beforeAll(async () => {
  const writer = new BundleWriter(prefix);
  await writer.add(
    "table",
    toTensor(
      Float32Array.from({ length: 40 }, (_, i) => i),
      "float32",
      [10, 4],
    ),
  );
  const words = ["a", "b", "c"].map((word) => new TextEncoder().encode(word));
  await writer.add("words", packedTensor("string", [3], packStrings(words)));
  await writer.add("large", toTensor(new Uint8Array(9 << 20), "uint8", [9, 1 << 20]));
  await writer.finish();
});

afterAll(() => rmSync(folder, { recursive: true }));

describe("cat --slice", () => {
  it.each([
    ["5:6,:", "[[20. 21. 22. 23.]]\n"],
    ["-1:", "[[36. 37. 38. 39.]]\n"],
    ["2:4,1:2", "[[ 9.]\n [13.]]\n"],
  ])("%s prints the part, and says that it is not verified", async (slice, text) => {
    const { code, stdout, stderr } = await tfckpt(["cat", prefix, "table", "--slice", slice]);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: text,
      stderr: "tfckpt: this part of table is not verified\n",
    });
  });

  it("works with every format", async () => {
    const json = await tfckpt(["cat", prefix, "table", "--slice", "5:6,1:3", "-f", "json"]);
    expect(json.stdout).toBe("[[21,22]]\n");
    const file = join(folder, "part.npy");
    await tfckpt(["cat", prefix, "table", "--slice", "5:6", "-f", "npy", "-o", file]);
    const bytes = readFileSync(file);
    expect(bytes.toString("latin1")).toContain("'shape': (1, 4)");
    expect(bytes.length).toBe(128 + 16);
  });

  it("reads and verifies strings whole, so it says nothing", async () => {
    const { stdout, stderr } = await tfckpt(["cat", prefix, "words", "--slice", "1:3"]);
    expect({ stdout, stderr }).toEqual({ stdout: '["b" "c"]\n', stderr: "" });
  });

  it.each([
    ["0:4:2", "steps are not supported"],
    ["5", "write 5:6 for the single position 5"],
    ["99:100", "selects nothing of dimension 0, which has 10 positions"],
    [":,:,:", "it has 3 dimensions, but the tensor has 2"],
  ])("refuses %s with exit code 2, and says why", async (slice, why) => {
    const { code, stderr } = await tfckpt(["cat", prefix, "table", "--slice", slice]);
    expect(code).toBe(2);
    expect(stderr).toContain(why);
  });
});

describe("cat -o", () => {
  it("leaves no file, and says what is damaged, if a large tensor turns out to be", async () => {
    const data = `${prefix}.data-00000-of-00001`;
    const bytes = readFileSync(data);
    writeFileSync(data, new Uint8Array(bytes).with(bytes.length - 1, 1));
    const file = join(folder, "large.raw");
    const { code, stderr } = await tfckpt(["cat", prefix, "large", "-f", "raw", "-o", file]);
    writeFileSync(data, bytes);
    expect(code).toBe(1);
    expect(stderr).toContain("Checksum does not match");
    expect(() => readFileSync(file)).toThrow("ENOENT");
  });

  it("writes a large tensor in pieces, the same bytes as at once", async () => {
    const file = join(folder, "large.raw");
    expect((await tfckpt(["cat", prefix, "large", "-f", "raw", "-o", file])).code).toBe(0);
    expect(readFileSync(file).length).toBe(9 << 20);
  });
});
