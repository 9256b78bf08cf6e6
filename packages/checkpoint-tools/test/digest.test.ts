import { createHash, type Hash } from "node:crypto";
import { digestCheckpoint } from "@tfsaver/checkpoint-tools";
import { describe, expect, it } from "vitest";
import { type ExpectedTensor, goldenCheckpoints } from "../../../fixtures/goldens.js";
import { whole } from "./whole.js";

/** Computes the expected digest from TensorFlow's record of the tensor's bytes. */
function expectedDigest({ sha256, bytes_hex, strings_b64 }: ExpectedTensor): string {
  if (sha256 !== undefined) return sha256;
  const hash = createHash("sha256");
  if (bytes_hex !== undefined) hash.update(Buffer.from(bytes_hex, "hex"));
  for (const item of strings_b64 ?? []) addString(hash, Buffer.from(item, "base64"));
  return hash.digest("hex");
}

function addString(hash: Hash, bytes: Buffer): void {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  hash.update(length).update(bytes);
}

// The record has no bytes of variants.
const withBytes = whole.filter(({ tensors }) => Object.values(tensors).every(({ dtype }) => dtype !== "variant"));

describe.each(withBytes)("golden $folder/$prefix", ({ path, tensors }) => {
  it("has the digests of the bytes that TensorFlow reads", async () => {
    const digests = await digestCheckpoint(path);
    const wanted = Object.entries(tensors).map(([name, tensor]) => [name, expectedDigest(tensor)]);
    expect(Object.fromEntries(digests)).toEqual(Object.fromEntries(wanted));
    expect([...digests.keys()]).toEqual(
      [...digests.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    );
  });
});

describe("digestCheckpoint", () => {
  const [model] = goldenCheckpoints("v2-with-meta");

  it("reports every digest, and its progress", async () => {
    const seen: string[] = [];
    const digests = await digestCheckpoint(model?.path ?? "", {
      onDigest: (name, digest) => void seen.push(`${name} ${digest}`),
      onProgress: ({ done, total, tensor }) => void seen.push(`${tensor} ${done}/${total}`),
    });
    expect(seen).toHaveLength(2 * digests.size);
    expect(seen.at(-2)).toBe("global_step 580/580");
  });

  it("stops when the signal is aborted", async () => {
    const signal = AbortSignal.abort();
    await expect(digestCheckpoint(model?.path ?? "", { signal })).rejects.toMatchObject({ kind: "CancelledError" });
  });
});
