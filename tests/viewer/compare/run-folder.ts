import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeTensor, type Tensor, toTensor } from "@tfsaver/core";
import { NodeStorage } from "@tfsaver/storage/node";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { afterAll, beforeAll } from "vitest";

/** The name of a tensor that is dangerous if it is not shown as text. */
export const HOSTILE_NAME = "<img src=x onerror=alert(1)>/\u202egnp";

/** A folder with the checkpoints of a run, in steps 1 to 5. */
export interface RunFolder {
  readonly path: string;
}

/**
 * Writes a folder of checkpoints before the tests of a file, and removes it afterwards. Step 2 renames, adds, removes and changes
 * tensors of step 1; steps 2 to 5 have the same tensors; step 4 is damaged.
 */
export function runFolder(): RunFolder {
  const path = mkdtempSync(join(tmpdir(), "viewer-run-"));
  beforeAll(async () => {
    await write(join(path, "model.ckpt-1"), {
      "dense/kernel": matrix(64, 48, 0),
      "dense/bias": toTensor([1, 2, 3]),
      "old_name/moving_mean": toTensor([5, 6, 7, 8]),
      gone: toTensor([1]),
      "cast/weights": toTensor([1, 2], "float32"),
      reshaped: toTensor([1, 2, 3, 4]),
      step: toTensor(1n, "int64"),
      words: toTensor(["a", "b"]),
      [HOSTILE_NAME]: toTensor([1]),
    });
    for (let step = 2; step <= 5; step++) {
      await write(join(path, `model.ckpt-${step}`), {
        "dense/kernel": matrix(64, 48, step),
        "dense/bias": toTensor([1, 2, 3]),
        "new_name/moving_mean": toTensor([5, 6, 7, 8]),
        "added/kernel": toTensor([step, Number.NaN]),
        "cast/weights": toTensor([1, 2], "float64"),
        reshaped: makeTensor("float32", [2, 2], new Float32Array([1, 2, 3, 4])),
        step: toTensor(BigInt(step), "int64"),
        words: toTensor(["a", "c"]),
        [HOSTILE_NAME]: toTensor([step]),
      });
    }
    // The index is whole, but not the data.
    writeFileSync(join(path, "model.ckpt-4.data-00000-of-00001"), "short");
  });
  afterAll(() => rmSync(path, { recursive: true }));
  return { path };
}

async function write(prefix: string, tensors: Readonly<Record<string, Tensor>>): Promise<void> {
  const writer = new BundleWriter(prefix, { storage: new NodeStorage() });
  for (const [name, tensor] of Object.entries(tensors)) await writer.add(name, tensor);
  await writer.finish();
}

/** Makes a matrix whose middle rows grow with the step. */
function matrix(rows: number, columns: number, step: number): Tensor {
  const value = (i: number) => {
    const row = Math.floor(i / columns);
    const growth = row > rows / 3 && row < rows / 2 ? step * 0.1 * (i % 2 === 0 ? 1 : -1) : 0;
    return Math.sin(i * 12.9898) * 0.5 + growth;
  };
  return makeTensor(
    "float32",
    [rows, columns],
    Float32Array.from({ length: rows * columns }, (_, i) => value(i)),
  );
}
