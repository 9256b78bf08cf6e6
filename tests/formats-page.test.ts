import { readFileSync } from "node:fs";
import { toTensor } from "@tfsaver/core";
import { SlicesReader, SlicesWriter } from "@tfsaver/saved-tensor-slices";
import { MemoryStorage, readFile } from "@tfsaver/storage";
import { BundleReader, BundleWriter } from "@tfsaver/tensor-bundle";
import { expect, it } from "vitest";

const page = readFileSync(new URL("../docs/formats.md", import.meta.url), "utf8");

/** Returns the bytes of a dump in the page: the part of each line before two spaces or a quoted text. */
function dumpOf(name: string): string {
  const [, block = ""] = new RegExp(`\`\`\`hex ${name}\\n([^\`]*)\`\`\``).exec(page) ?? [];
  return block
    .split("\n")
    .map((line) => (line.split(/ {2,}| (?=")/)[0] as string).replaceAll(" ", ""))
    .join("");
}

async function hexOf(storage: MemoryStorage, path: string): Promise<string> {
  return Buffer.from(await readFile(storage, path)).toString("hex");
}

it("the page shows the bytes that the writers write", async () => {
  const storage = new MemoryStorage();
  const plain = new BundleWriter("plain", { storage });
  await plain.add("b", toTensor([1, 2]));
  await plain.add("w", toTensor(["hi", ""]));
  await plain.finish();
  expect(dumpOf("v2-data")).toBe(await hexOf(storage, "plain.data-00000-of-00001"));
  expect(dumpOf("v2-index")).toBe(await hexOf(storage, "plain.index"));

  const sliced = new BundleWriter("sliced", { storage });
  await sliced.addSlice("e", { shape: [4], slice: [{ start: 0, length: 3 }] }, toTensor([1, 2, 3]));
  await sliced.addSlice("e", { shape: [4], slice: [{ start: 3, length: 1 }] }, toTensor([4]));
  await sliced.finish();
  expect(dumpOf("v2-slices-index")).toBe(await hexOf(storage, "sliced.index"));

  const v1 = new SlicesWriter("v1", { storage });
  v1.add("w", toTensor([1, 2]));
  await v1.finish();
  expect(dumpOf("v1")).toBe(await hexOf(storage, "v1"));
});

it("the readers read the bytes of the page as the values that it gives", async () => {
  const storage = new MemoryStorage();
  const files = { "m.index": "v2-index", "m.data-00000-of-00001": "v2-data", old: "v1" };
  for (const [path, name] of Object.entries(files)) {
    const file = await storage.create(path);
    await file.write([Uint8Array.from(Buffer.from(dumpOf(name), "hex"))]);
    await file.close();
  }
  const v2 = await BundleReader.open("m", { storage });
  expect(await v2.get("b")).toEqual(toTensor([1, 2]));
  expect(await v2.get("w")).toEqual(toTensor(["hi", ""]));
  const v1 = await SlicesReader.open("old", { storage });
  expect(await v1.get("w")).toEqual(toTensor([1, 2]));
});
