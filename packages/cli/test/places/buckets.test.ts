import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { S3Storage } from "@tfsaver/storage-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FakeS3 } from "../../../../fixtures/fake-s3/fake-s3.js";
import { goldensFolder } from "../../../../fixtures/goldens.js";
import { tfckpt } from "../run-cli.js";

const folder = `${goldensFolder}v2-with-meta`;
const SETTINGS = { AWS_ACCESS_KEY_ID: "fake-key-id", AWS_SECRET_ACCESS_KEY: "fake-secret" };

describe("checkpoints in buckets", () => {
  let fake: FakeS3;
  let temporary: string;
  beforeAll(async () => {
    fake = await FakeS3.start();
    Object.assign(process.env, SETTINGS, { AWS_ENDPOINT_URL: fake.url });
    temporary = mkdtempSync(join(tmpdir(), "tfckpt-buckets-"));
    cpSync(folder, join(temporary, "model"), { recursive: true });
  });
  afterAll(async () => {
    for (const name of [...Object.keys(SETTINGS), "AWS_ENDPOINT_URL"]) delete process.env[name];
    rmSync(temporary, { recursive: true });
    await fake.close();
  });
  const ok = async (...args: string[]) => {
    const result = await tfckpt(args);
    expect(result, args.join(" ")).toMatchObject({ code: 0, stderr: "" });
    return result;
  };

  it("converts a checkpoint into a bucket and back, and leaves nothing else there", async () => {
    await ok("convert", folder, "s3://one/run/model");
    expect([...fake.bucket("one").objects.keys()].sort()).toEqual([
      ...["run/model.data-00000-of-00001", "run/model.index"],
    ]);
    expect(fake.bucket("one").uploads.size).toBe(0);
    await ok("convert", "s3://one/run/model", join(temporary, "back"));
    expect(readFileSync(join(temporary, "back.index"))).toEqual(
      Buffer.from(fake.bucket("one").objects.get("run/model.index")?.bytes ?? []),
    );
  });

  it("looks into a bucket as into a folder", async () => {
    const local = await ok("ls", folder);
    for (const path of ["s3://one/run/model", "s3://one/run/model.index"])
      expect((await ok("ls", path)).stdout).toBe(local.stdout);
    const name = "dense2/kernel";
    expect((await ok("cat", "s3://one/run/model", name)).stdout).toBe((await ok("cat", folder, name)).stdout);
    expect((await ok("verify", "s3://one/run/model")).stdout).toContain("s3://one/run/model");
    await ok("repair-state", "s3://one/run");
    expect((await ok("ls", "s3://one/run")).stdout).toBe(local.stdout);
    expect((await ok("digest", "s3://one/run", "--json")).stdout).not.toBe("");
  });

  it("edits from one bucket into another", async () => {
    await ok("edit", "s3://one/run/model", "s3://two/kept", "--keep", "dense2/*");
    expect((await ok("ls", "s3://two/kept")).stdout).toContain("dense2/kernel");
  });

  it("needs no folders, which are only parts of names", async () => {
    for (const name of ["m", "m.safetensors", "model.json"])
      await ok("convert", folder, `s3://three/new/folders/of/${name}`, "--drop-unsupported");
    await ok("cat", folder, "dense2/kernel", "-f", "npy", "-o", "s3://three/another/kernel.npy");
  });

  it("cleans up uploads that were never ended", async () => {
    await fake.client().send(
      new (await import("@aws-sdk/client-s3")).CreateMultipartUploadCommand({
        Bucket: "one",
        Key: "run/model-8.data-00000-of-00001",
      }),
    );
    expect((await ok("clean", "s3://one/run", "--older-than", "0", "--dry-run")).stdout).toContain("model-8.data");
    await ok("clean", "s3://one/run", "--older-than", "0");
    expect(fake.bucket("one").uploads.size).toBe(0);
  });

  it("says what is wrong without any credential", async () => {
    expect(await tfckpt(["ls", "s3://one/none"])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("s3://one/none"),
    });
    fake.fault = () => ({ kind: "answer", status: 403, code: "AccessDenied" });
    const { code, stderr } = await tfckpt(["ls", "s3://one/run/model"]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("Check the credentials")]);
    expect(stderr).not.toMatch(/fake-key-id|fake-secret/);
    fake.reset();
    expect(await tfckpt(["ls", "s3://"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("s3://bucket/prefix"),
    });
  });
});

describe("every command that reads or writes", () => {
  let fake: FakeS3;
  let temporary: string;
  let storage: S3Storage;
  beforeAll(async () => {
    fake = await FakeS3.start();
    Object.assign(process.env, SETTINGS, { AWS_ENDPOINT_URL: fake.url });
    temporary = mkdtempSync(join(tmpdir(), "tfckpt-buckets-"));
    cpSync(folder, join(temporary, "run"), { recursive: true });
    cpSync(`${goldensFolder}v1-sharded`, join(temporary, "v1"), { recursive: true });
    for (const name of ["out", "out/web", "back"]) mkdirSync(join(temporary, name));
    writeFileSync(join(temporary, "run/model.ckpt-9.index.tempstate5555555555"), "");
    storage = new S3Storage({ client: fake.client(), bucket: "all" });
    for (const [path, bytes] of localFiles()) await storage.put(path, bytes);
  });
  afterAll(async () => {
    for (const name of [...Object.keys(SETTINGS), "AWS_ENDPOINT_URL"]) delete process.env[name];
    rmSync(temporary, { recursive: true });
    await fake.close();
  });

  const localFiles = () => {
    const names = readdirSync(temporary, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const paths = names.map((entry) => join(entry.parentPath, entry.name));
    return paths.map((path) => [path.slice(temporary.length + 1), readFileSync(path)] as const).sort();
  };

  it.each([
    ["ls ROOT/run"],
    ["ls ROOT/run --tree --verbose"],
    ["ls ROOT/v1/model.ckpt-5-?????-of-00003 --json"],
    ["cat ROOT/run dense2/kernel"],
    ["cat ROOT/run dense2/kernel -f npy -o ROOT/out/kernel.npy"],
    ["cat ROOT/run dense2/kernel -f json -o ROOT/out/kernel.json"],
    ["cat ROOT/run dense2/kernel --slice 1:3,0:1 -f raw -o ROOT/out/kernel.raw"],
    ["cat ROOT/run dense2/kernel -f raw -o ROOT/run/model.ckpt-7.index", 2],
    ["stat ROOT/run --scopes"],
    ["grep dense2/* ROOT/run"],
    ["meta ROOT/run/model.ckpt-7.meta"],
    ["diff ROOT/run/model.ckpt-6 ROOT/run/model.ckpt-7", 1],
    ["diff ROOT/run/model.ckpt-6.meta ROOT/run/model.ckpt-7.meta"],
    ["digest ROOT/v1/model.ckpt-5-?????-of-00003"],
    ["verify ROOT/run"],
    ["verify ROOT/v1"],
    ["convert ROOT/run ROOT/out/plan --dry-run"],
    ["convert ROOT/run ROOT/out/v2 --shards 2"],
    ["convert ROOT/run ROOT/out/v1 --version v1 --shards 2"],
    ["convert ROOT/run ROOT/out/one --version v1"],
    ["convert ROOT/run ROOT/out/m.safetensors"],
    ["convert ROOT/run ROOT/out/m.npz"],
    ["convert ROOT/run ROOT/out/web/model.json --drop-unsupported"],
    ["convert ROOT/out/m.safetensors ROOT/back/safetensors"],
    ["convert ROOT/out/m.npz ROOT/back/npz"],
    ["convert ROOT/out/web/model.json ROOT/back/web"],
    ["convert ROOT/out/v1-?????-of-00002 ROOT/back/v1"],
    ["convert ROOT/v1/model.ckpt-5-?????-of-00003 ROOT/back/sharded"],
    ["convert ROOT/run ROOT/out/v2 --force"],
    ["average ROOT/run --last 3 ROOT/out/mean"],
    ["average ROOT/run/model.ckpt-6 ROOT/run/model.ckpt-7 ROOT/out/weighted --weights 1,3 --dry-run"],
    ["average ROOT/run/model.ckpt-6 ROOT/run/model.ckpt-7 ROOT/out/weighted --weights 1,3"],
    ["edit ROOT/run ROOT/out/edited --drop-optimizer --cast float16 --dry-run"],
    ["edit ROOT/run ROOT/out/edited --drop-optimizer --cast float16"],
    ["edit ROOT/run ROOT/out/set --set dense2/kernel=ROOT/out/kernel.npy"],
    ["freeze ROOT/run/model.ckpt-7.meta ROOT/out/frozen.pb --outputs logits"],
    ["clean ROOT/run --older-than 0 --dry-run"],
    ["clean ROOT/run --older-than 0"],
    ["prune ROOT/run --keep-latest 2"],
    ["prune ROOT/run --keep-latest 2 --yes"],
    ["repair-state ROOT/run --dry-run"],
    ["repair-state ROOT/run"],
  ])("does the same in a bucket as in a folder: %s", async (line, code = 0) => {
    const run = (root: string) => tfckpt(line.split(" ").map((argument) => argument.replaceAll("ROOT", root)));
    const [here, there] = [await run(temporary), await run("s3://all")];
    const named = (text: string) => text.replaceAll(temporary, "s3://all");
    expect(here, here.stderr).toMatchObject({ code });
    expect({ ...there, bytes: "" }).toEqual({
      code,
      stdout: named(here.stdout),
      stderr: named(here.stderr),
      bytes: "",
    });
    const objects = [...fake.bucket("all").objects].map(([path, { bytes }]) => [path, Buffer.from(bytes)] as const);
    const files = localFiles();
    expect(objects.map(([path]) => path).sort()).toEqual(files.map(([path]) => path));
    for (const [path, bytes] of files) expect(new Map(objects).get(path)?.equals(bytes), path).toBe(true);
    expect(fake.bucket("all").uploads.size).toBe(0);
  });
});
