import { readdirSync, readFileSync } from "node:fs";
import { openCheckpoint, type ReadReport } from "@tfsaver/checkpoint-reader";
import { allocateTensor, rows } from "@tfsaver/core";
import { MemoryStorage, readFile } from "@tfsaver/storage";
import { HttpStorage } from "@tfsaver/storage/http";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { afterEach, beforeEach, expect, it } from "vitest";
import { expectedForm, goldenCheckpoints, goldensFolder } from "../../../fixtures/goldens.js";
import { type FileServer, serveFiles } from "../../storage/test/http/file-server.js";

const WHOLE = "bytes=0-65535";

let server: FileServer;

beforeEach(async () => {
  server = await serveFiles();
  for (const entry of readdirSync(goldensFolder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = `${entry.parentPath}/${entry.name}`;
    server.files.set(`/${path.slice(goldensFolder.length).replace(/^\//, "")}`, readFileSync(path));
  }
});

afterEach(() => server.close());

const open = (prefix: string) => openCheckpoint(prefix, { storage: new HttpStorage(server.url) });

/** Returns the requests since the last call. */
function requests(): string[] {
  return server.requests.splice(0);
}

it("opening and listing a small checkpoint takes one request, and one more gets all of its tensors", async () => {
  const reader = await open("v2-all-dtypes/all");
  const names: string[] = [];
  for await (const { name } of reader.tensors()) names.push(name);
  expect(names.length).toBeGreaterThan(20);
  expect(requests()).toEqual([`GET /v2-all-dtypes/all.index ${WHOLE}`]);
  for await (const { tensor } of reader.getEach(names.map((name) => ({ name })))) expect(tensor.dtype).toBeTruthy();
  expect(requests()).toEqual([`GET /v2-all-dtypes/all.data-00000-of-00001 ${WHOLE}`]);
  await reader.close();
});

it("opening an index of 600 kB and reading one tensor takes five", async () => {
  const golden = goldenCheckpoints("v2-many-tensors").find(({ prefix }) => prefix === "many");
  const [name, wanted] = Object.entries(golden?.tensors ?? {}).at(-1) ?? [];
  const reader = await open("v2-many-tensors/many");
  expect(requests()).toEqual([
    `GET /v2-many-tensors/many.index ${WHOLE}`,
    "GET /v2-many-tensors/many.index bytes=563004-628539",
    // The header is in the first block.
    expect.stringMatching(/^GET \/v2-many-tensors\/many.index bytes=0-26\d{4}$/),
  ]);
  expect(expectedForm(await reader.get(name as string))).toEqual(wanted);
  expect(requests()).toEqual([
    expect.stringMatching(/^GET \/v2-many-tensors\/many.index bytes=\d+-\d+$/),
    `GET /v2-many-tensors/many.data-00000-of-00001 ${WHOLE}`,
  ]);
  await reader.close();
});

it("a tensor far inside a large data file takes one request, once the file's size is known", async () => {
  const storage = new MemoryStorage();
  const writer = new BundleWriter("model", { storage });
  for (const name of ["a", "b", "c", "d"]) await writer.add(name, allocateTensor("float32", [50_000]));
  await writer.finish();
  for (const name of ["model.index", "model.data-00000-of-00001"]) {
    server.files.set(`/${name}`, await readFile(storage, name));
  }
  const reader = await open("model");
  await reader.get("b");
  await reader.get("c");
  expect(requests()).toEqual([
    `GET /model.index ${WHOLE}`,
    `GET /model.data-00000-of-00001 ${WHOLE}`,
    "GET /model.data-00000-of-00001 bytes=200000-399999",
    "GET /model.data-00000-of-00001 bytes=400000-599999",
  ]);
  const read = [];
  for await (const { request } of reader.getEach([{ name: "d" }, { name: "b" }, { name: "c" }]))
    read.push(request.name);
  expect(read).toEqual(["b", "c", "d"]);
  expect(requests()).toEqual(["GET /model.data-00000-of-00001 bytes=200000-799999"]);
  await reader.close();
});

it("one row of BERT's embedding takes two requests and 128 KiB at most, if nothing is to be verified", async () => {
  const storage = new MemoryStorage();
  const writer = new BundleWriter("bert", { storage });
  await writer.add("before", allocateTensor("float32", [100, 768]));
  await writer.add("embeddings", allocateTensor("float32", [30_522, 768]));
  await writer.finish();
  for (const name of ["bert.index", "bert.data-00000-of-00001"]) {
    server.files.set(`/${name}`, await readFile(storage, name));
  }
  const reader = await open("bert");
  requests();
  const reports: ReadReport[] = [];
  const row = await reader.get("embeddings", rows(5000, 5001), {
    checksums: "none",
    onRead: (report) => reports.push(report),
  });
  expect(row).toMatchObject({ dtype: "float32", shape: [1, 768] });
  expect(reports).toEqual([{ requests: 1, bytes: 3072, verified: false }]);
  const start = 100 * 3072 + 5000 * 3072;
  // The first one finds the size of the file.
  expect(requests()).toEqual([
    `GET /bert.data-00000-of-00001 ${WHOLE}`,
    `GET /bert.data-00000-of-00001 bytes=${start}-${start + 3071}`,
  ]);
  await reader.get("embeddings", rows(30_521, 30_522), { checksums: "none" });
  expect(requests()).toHaveLength(1);
  await reader.close();
});

it("a server that knows no ranges takes as many", async () => {
  server.quirks = { ranges: false };
  const reader = await open("v2-all-dtypes/all");
  await reader.get("t/bfloat16");
  expect(requests()).toHaveLength(2);
  await reader.close();
});

it("a missing checkpoint is a NotFoundError", async () => {
  await expect(open("v2-all-dtypes/none")).rejects.toMatchObject({ kind: "NotFoundError" });
});

it("a checkpoint of format V1 is told apart by a missing index", async () => {
  const reader = await open("v1-simple/model.ckpt");
  expect(reader.format).toBe("V1");
  expect(requests()).toEqual([
    `GET /v1-simple/model.ckpt.index ${WHOLE}`,
    // Reading tensors needs no further request.
    `GET /v1-simple/model.ckpt ${WHOLE}`,
  ]);
  for await (const { name } of reader.tensors()) await reader.get(name);
  expect(requests()).toEqual([]);
  await reader.close();
});
