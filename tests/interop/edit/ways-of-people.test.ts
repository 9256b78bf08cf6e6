import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compileCommand } from "../../compile.js";
import { Oracle } from "../oracle.js";

type Values = readonly unknown[];

interface Written {
  readonly variables: Values;
  readonly slots: Values;
  /** Variables and slots, averaged over both steps by NumPy. */
  readonly mean: readonly [variables: Values, slots: Values];
  readonly weights: Values;
  readonly averages: Values;
}

interface RestoredObjects {
  readonly variables: Values;
  readonly slots: Values;
  readonly tied: boolean;
  /** What `load_checkpoint` finds, by key. */
  readonly found: Readonly<Record<string, unknown>>;
}

interface Restored {
  readonly bert: readonly boolean[];
  readonly bert_half: boolean;
  readonly without_optimizers: readonly string[];
  readonly averages: Readonly<Record<string, unknown>>;
  readonly in_scope: Values;
  readonly renamed: RestoredObjects;
  readonly scoped: RestoredObjects;
  readonly small: RestoredObjects;
  readonly copied: readonly Values[];
  readonly merged: readonly Values[];
  readonly mean: RestoredObjects;
  readonly keras: Values;
  readonly keras_averages: Values;
}

/** What people type, in the order of the tests. */
const COMMANDS = String.raw`
tfckpt edit bert bert-small --drop-optimizer
tfckpt edit bert-v1 bert-v1-small --drop-optimizer
tfckpt edit bert bert-half --drop-optimizer --cast bfloat16 --match '*kernel' --match '*embeddings'
tfckpt edit optimizers without-optimizers --drop-optimizer
tfckpt edit optimizers averages --drop-optimizer --use-averages
tfckpt edit small in-scope --add-scope towers/1
tfckpt edit objects-1 renamed --rename 's/^model\//net\/encoder\//' --rename 's/^optimizer/opt/'
tfckpt edit objects-1 scoped --add-scope big
tfckpt edit objects-1 small-objects --drop-optimizer
printf 'model\tmodel\tteacher\n' > copies.tsv
tfckpt edit objects-1 copied --map copies.tsv --drop-optimizer
tfckpt edit objects-1 merged --drop-optimizer --merge scoped
tfckpt average objects-1 objects-2 mean-objects
tfckpt edit keras-1 keras-small --drop-optimizer
tfckpt edit keras-1 keras-averages --use-averages --drop-optimizer
`;

let oracle: Oracle;
let folder: string;
let written: Written;
let restored: Restored;
beforeAll(async () => {
  oracle = new Oracle();
  folder = mkdtempSync(join(tmpdir(), "tfsaver-ways-"));
  const program = await compileCommand(join(folder, ".program"));
  written = await oracle.ask("edited", { step: "write", folder });
  const script = `tfckpt() { "${process.execPath}" "${program}" "$@"; }\n${COMMANDS}`;
  execFileSync("bash", ["-euc", script], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  restored = await oracle.ask("edited", { step: "restore", folder });
});
afterAll(() => {
  oracle.close();
  rmSync(folder, { recursive: true });
});

const sizeOf = (prefix: string) => statSync(join(folder, `${prefix}.data-00000-of-00001`)).size;

describe("after tfckpt edit, TensorFlow restores", () => {
  it("BERT without Adam, a third of the size, as V2 and V1", () => {
    expect(restored.bert).toEqual([true, true]);
    expect(sizeOf("bert-small") / sizeOf("bert")).toBeCloseTo(1 / 3, 3);
    expect(statSync(join(folder, "bert-v1-small")).size / statSync(join(folder, "bert-v1")).size).toBeCloseTo(1 / 3, 1);
  });

  it("BERT with kernels and embeddings as bfloat16, rounded as TensorFlow rounds", () => {
    expect(restored.bert_half).toBe(true);
    expect(sizeOf("bert-half")).toBeLessThan(sizeOf("bert-small") * 0.6);
  });

  it("a model without the slots of every optimizer, whatever scope they were made in", () => {
    expect(restored.without_optimizers).toEqual(["global_step", "net/dense/bias", "net/dense/kernel"]);
  });

  it("moving averages in the place of variables", () => {
    expect(restored.averages).toEqual({
      "net/dense/kernel": Array(3).fill(Array(4).fill(2.5)),
      "net/dense/bias": Array(4).fill(3.5),
    });
  });

  it("a model under another scope into a larger graph", () => {
    expect(restored.in_scope).toEqual([Array(3).fill(Array(4).fill(5)), Array(4).fill(6)]);
  });

  it.each(["renamed", "scoped"] as const)("objects that were %s, with slots and shared variables", (which) => {
    const { variables, slots, tied, found } = restored[which];
    expect(variables).toEqual(written.variables);
    expect(slots).toEqual(written.slots);
    expect(tied).toBe(true);
    const scope = { renamed: "net/encoder", scoped: "big/model" }[which];
    // The shortest path to the kernel, which two names share.
    expect(found[`${scope}/tied/.ATTRIBUTES/VARIABLE_VALUE`]).toEqual(written.variables[0]);
    expect(Object.keys(found)).toHaveLength(written.variables.length + written.slots.length + 3);
  });

  it("objects without their optimizer, copied ones, and those of two checkpoints", () => {
    expect(restored.small.variables).toEqual(written.variables);
    expect(restored.small.slots).toEqual(written.slots.map(() => null));
    expect(Object.keys(restored.small.found)).toHaveLength(written.variables.length + 1);
    expect(restored.copied).toEqual([written.variables, written.variables]);
    expect(restored.merged).toEqual([written.variables, written.variables]);
  });

  it("the average of two steps of objects, with their slots", () => {
    const { variables, slots, tied } = restored.mean;
    expect([variables, slots]).toEqual(written.mean);
    expect(variables).not.toEqual(written.variables);
    expect(tied).toBe(true);
  });

  it("a Keras model without its optimizer, and with its moving averages", () => {
    expect(restored.keras).toEqual(written.weights);
    const trainable = [0, 1, 2, 3, 6, 7];
    expect(trainable.map((i) => restored.keras_averages[i])).toEqual(written.averages);
    expect(restored.keras_averages).not.toEqual(restored.keras);
  });
});
