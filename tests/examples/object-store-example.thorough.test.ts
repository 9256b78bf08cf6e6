import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { FakeS3 } from "../../fixtures/fake-s3/fake-s3.js";
import { root } from "../workspace.js";

const run = promisify(execFile);

test("a training with its checkpoints in a bucket is killed, and goes on in another process, byte for byte", async () => {
  const fake = await FakeS3.start();
  try {
    const env = {
      ...process.env,
      ...{ AWS_ENDPOINT_URL: fake.url, AWS_REGION: "us-east-1" },
      ...{ AWS_ACCESS_KEY_ID: "fake-key-id", AWS_SECRET_ACCESS_KEY: "fake-secret" },
    };
    const main = `${root}examples/object-store/src/main.ts`;
    const tsx = ["--import", import.meta.resolve("tsx"), "--conditions=@tfsaver/source", main, "s3://models/line"];
    const { stdout } = await run(process.execPath, tsx, { cwd: root, env });
    expect(stdout).toMatchInlineSnapshot(`
      "
      A process trains, and is killed  100 steps, with the checkpoints in s3://models/line

        step  20   loss 0.6951   saved s3://models/line/model.ckpt-20
        step  40   loss 0.0528   saved s3://models/line/model.ckpt-40
        step  60   loss 0.0031   saved s3://models/line/model.ckpt-60
        SIGKILL in step 70

      Another process goes on  with an empty folder, as on another machine

        goes on after step 60, with s3://models/line/model.ckpt-60
        step  80   loss 0.0021   saved s3://models/line/model.ckpt-80
        step 100   loss 0.0000   saved s3://models/line/model.ckpt-100

      What is in the bucket  s3://models/line

        checkpoint
        model.ckpt-100.data-00000-of-00001
        model.ckpt-100.index
        model.ckpt-100.meta
        model.ckpt-80.data-00000-of-00001
        model.ckpt-80.index
        model.ckpt-80.meta

      The same training, in one go  s3://models/line-in-one-go

        the same values, byte for byte, as if the process had never been killed
      "
    `);
    expect(fake.bucket("models").uploads.size).toBe(0);
  } finally {
    await fake.close();
  }
});
