import { relative } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { root } from "../workspace.js";

/** Largest size of the code that opens and reads a checkpoint, in bytes, minified and compressed. */
const LIMIT = 25_000;

interface Bundle {
  readonly size: number;
  readonly minified: number;
  /** Paths of the files that it contains code of. */
  readonly inputs: readonly string[];
}

/** Bundles a module for a page. Fails if any code needs Node.js. */
async function bundle(source: string): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    splitting: true,
    outdir: root,
    stdin: { contents: source, resolveDir: root },
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    format: "esm",
    target: "es2022",
    platform: "browser",
    conditions: ["@tfsaver/source"],
    logLevel: "silent",
  });
  // Code behind a dynamic import is not counted.
  const loaded = new Set(["stdin.js"]);
  for (const path of loaded) {
    for (const used of metafile.outputs[path]?.imports ?? [])
      if (used.kind === "import-statement") loaded.add(used.path);
  }
  const files = outputFiles.filter(({ path }) => loaded.has(relative(root, path)));
  const used = [...loaded].flatMap((path) => Object.entries(metafile.outputs[path]?.inputs ?? {}));
  return {
    size: sum(files.map(({ contents }) => gzipSync(contents, { level: 9 }).length)),
    minified: sum(files.map(({ contents }) => contents.length)),
    inputs: used.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function print(what: string, { size, minified }: Bundle): void {
  process.stdout.write(`${what}: ${size} bytes compressed, ${minified} minified\n`);
}

test("openCheckpoint adds at most 25 kB to a page, and no code that it does not use", async () => {
  const reader = await bundle('export { openCheckpoint } from "@tfsaver/checkpoint-reader";');
  print("openCheckpoint", reader);
  expect(reader.size).toBeLessThanOrEqual(LIMIT);
  const stray =
    /src\/(node|http|blob)\/|\/(bundle-writer|slices-writer|slices-reader|table-writer|wire-writer|snappy_compressor)\b/;
  expect(reader.inputs.filter((path) => stray.test(path))).toEqual([]);
});

test("HttpStorage and BlobStorage add little", async () => {
  const alone = await bundle('export { openCheckpoint } from "@tfsaver/checkpoint-reader";');
  for (const [name, subpath] of [
    ["HttpStorage", "http"],
    ["BlobStorage", "blob"],
  ]) {
    const both = await bundle(
      `export { openCheckpoint } from "@tfsaver/checkpoint-reader"; export { ${name} } from "@tfsaver/storage/${subpath}";`,
    );
    print(`openCheckpoint and ${name}`, both);
    expect(both.size - alone.size).toBeLessThan(4_200);
  }
});

test("bundling code that needs Node.js fails", async () => {
  await expect(bundle('export { NodeStorage } from "@tfsaver/storage/node";')).rejects.toThrow("node:fs/promises");
});
