import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FakeS3 } from "../../../fixtures/fake-s3/fake-s3.js";
import { goldensFolder } from "../../../fixtures/goldens.js";
import { tfckpt } from "./run-cli.js";

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
