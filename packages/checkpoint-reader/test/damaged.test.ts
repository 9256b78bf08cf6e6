import { openCheckpoint } from "@tfsaver/checkpoint-reader";
import { isCheckpointError } from "@tfsaver/core";
import { describe, expect, it } from "vitest";
import { type ExpectedError, goldenCheckpoints } from "../../../fixtures/goldens.js";

const damaged = goldenCheckpoints("corrupt").filter(({ errors }) => errors !== undefined);

async function readOne(path: string, name: string) {
  const reader = await openCheckpoint(path);
  try {
    return await reader.get(name);
  } finally {
    await reader.close();
  }
}

/** True if TensorFlow silently loses the entries after damage in the index. In tfsaver that is an error. */
function isSilentLoss(wanted: ExpectedError, folder: string): boolean {
  const damagedIndex = ["two-blocks-flip-second", "index-entry-overrun"].includes(folder);
  return damagedIndex && wanted.error_class === "NotFoundError";
}

describe.each(damaged)("damaged golden $prefix ($note)", ({ path, prefix, errors = {} }) => {
  it.each(Object.entries(errors))("has TensorFlow's result for tensor %s", async (name, { restore_op: wanted }) => {
    if (wanted.ok) {
      await expect(readOne(path, name)).resolves.toMatchObject({ dtype: expect.any(String) });
      return;
    }
    const error: unknown = await readOne(path, name).then(
      () => undefined,
      (reason) => reason,
    );
    if (!isCheckpointError(error)) throw new Error(`Expected ${wanted.error_class}, got ${String(error)}`);
    expect(error.path).toContain(prefix);
    if (isSilentLoss(wanted, prefix)) {
      expect(["DataLossError", "NotFoundError"]).toContain(error.kind);
      return;
    }
    for (const phrase of wanted.key_phrases ?? []) expect(error.message).toContain(phrase);
    // A truncated file is a DataLossError here, and an OutOfRangeError in TensorFlow.
    expect(error.kind).toBe(wanted.error_class === "OutOfRangeError" ? "DataLossError" : wanted.error_class);
  });
});
