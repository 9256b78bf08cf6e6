import { openCheckpoint } from "@tfsaver/checkpoint-reader";
import { type EditStep, editCheckpoint, toNpy } from "@tfsaver/checkpoint-tools";
import { isCheckpointError, type Tensor, toTensor } from "@tfsaver/core";
import { concatBytes } from "@tfsaver/core/coding";
import { SlicesWriter } from "@tfsaver/saved-tensor-slices";
import { MemoryStorage, writeFileAtomically } from "@tfsaver/storage";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { describe, expect, it } from "vitest";
import { filesIn } from "../../../../fixtures/storage-files.js";

const CONTENT: Readonly<Record<string, Tensor>> = {
  "tower_0/w": toTensor([
    [1, 2, 3],
    [4, 5, 6],
  ]),
  "tower_0/w/Adam": toTensor([
    [10, 20, 30],
    [40, 50, 60],
  ]),
  "tower_0/b": toTensor([7.5]),
  "tower_0/b/ExponentialMovingAverage": toTensor([8.5]),
  global_step: toTensor(12n),
  words: toTensor(["a", "bc"]),
};

async function storageWith(format: "V1" | "V2"): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  if (format === "V1") {
    const writer = new SlicesWriter("m", { storage });
    for (const [name, tensor] of Object.entries(CONTENT)) writer.add(name, tensor);
    await writer.finish();
  } else {
    const writer = new BundleWriter("m", { storage });
    for (const [name, tensor] of Object.entries(CONTENT)) await writer.add(name, tensor);
    await writer.finish();
  }
  return storage;
}

async function contentOf(prefix: string, storage: MemoryStorage): Promise<Record<string, Tensor>> {
  const reader = await openCheckpoint(prefix, { storage });
  const content: Record<string, Tensor> = {};
  for await (const { name } of reader.tensors()) content[name] = await reader.get(name);
  await reader.close();
  return content;
}

function at(name: string): Tensor {
  return CONTENT[name] as Tensor;
}

describe.each(["V1", "V2"] as const)("an edit of %s", (format) => {
  async function edited(...steps: EditStep[]): Promise<Record<string, Tensor>> {
    const storage = await storageWith(format);
    await writeFileAtomically(storage, "new.npy", concatBytes(toNpy(toTensor([0.25, 0.5]))));
    await editCheckpoint("m", "out", { steps, storage });
    const reader = await openCheckpoint("out", { storage });
    expect(reader.format).toBe(format);
    await reader.close();
    return contentOf("out", storage);
  }

  it("renames by a command of sed", async () => {
    const names = Object.keys(await edited({ rename: "s/^tower_0\\///" }));
    expect(names).toEqual(["b", "b/ExponentialMovingAverage", "global_step", "w", "w/Adam", "words"]);
    expect(await edited({ rename: "s|(tower)_([0-9])|\\2&|" })).toHaveProperty("0tower_0/b", at("tower_0/b"));
  });

  it("renames by a table, and copies what has several new names", async () => {
    const content = await edited({ map: { "tower_0/w": ["x", "y", "tower_0/w"], words: "text" } });
    for (const name of ["x", "y", "tower_0/w"]) expect(content[name]).toEqual(at("tower_0/w"));
    expect(content.text).toEqual(at("words"));
    expect(content).not.toHaveProperty("words");
  });

  it("renames, drops and transposes by rules", async () => {
    const rules = [
      { from: "tower_(\\d)/w", to: "$1.weight", transpose: true },
      { from: "(words|.*/b)", to: "$1" },
    ];
    const content = await edited(
      { addScope: "x" },
      { rename: "s/^x.//" },
      { map: { rules, drop: [".*/Adam", ".*e", "g.*"] } },
    );
    expect(content).toEqual({
      "0.weight": toTensor([
        [1, 4],
        [2, 5],
        [3, 6],
      ]),
      "tower_0/b": at("tower_0/b"),
      words: at("words"),
    });
    await expect(edited({ map: { rules: [{ from: ".*", to: "$&", transpose: true }] } })).resolves.toBeDefined();
    await expect(edited({ map: { rules } })).rejects.toThrow("The map has no rule for");
  });

  it("keeps and drops by patterns, whose * crosses /", async () => {
    expect(Object.keys(await edited({ keep: ["tower*", "words"] }, { drop: ["*/Adam", "*Average"] }))).toEqual([
      "tower_0/b",
      "tower_0/w",
      "words",
    ]);
    expect(Object.keys(await edited({ drop: ["tower_0/w:0"] }))).not.toContain("tower_0/w");
  });

  it("drops what optimizers and averages keep, or uses the averages, in either order", async () => {
    const small = ["global_step", "tower_0/b", "tower_0/w", "words"];
    const dropped = await edited({ dropOptimizer: true });
    expect(Object.keys(dropped)).toEqual(small);
    expect(dropped["tower_0/b"]).toEqual(at("tower_0/b"));
    for (const steps of [
      [{ dropOptimizer: true }, { useAverages: true }],
      [{ useAverages: true }, { dropOptimizer: true }],
    ] satisfies EditStep[][]) {
      const content = await edited(...steps);
      expect(Object.keys(content)).toEqual(small);
      expect(content["tower_0/b"]).toEqual(at("tower_0/b/ExponentialMovingAverage"));
    }
  });

  it("casts, reshapes, sets and adds a scope, all at once", async () => {
    const content = await edited(
      { cast: "float16", match: ["*/w"] },
      { reshape: "tower_0/w", shape: [-1] },
      { set: "tower_0/b", value: "new.npy" },
      { set: "extra", value: toTensor([1n]) },
      { addScope: "net" },
    );
    expect(content["net/tower_0/w"]).toEqual(toTensor([1, 2, 3, 4, 5, 6], "float16"));
    expect(content["net/tower_0/b"]).toEqual(toTensor([0.25, 0.5]));
    expect(content["net/extra"]).toEqual(toTensor([1n]));
    expect(content["net/global_step"]).toEqual(at("global_step"));
  });

  it("stores in slices, and whole again", async () => {
    const storage = await storageWith(format);
    await editCheckpoint("m", "cut", { steps: [{ reslice: "tower_0/w*", slices: 2, axis: 1 }], storage });
    await editCheckpoint("cut", "whole", { steps: [{ reslice: "*", slices: 1 }], storage });
    const cut = await openCheckpoint("cut", { storage });
    expect((await cut.info("tower_0/w"))?.slices).toEqual([
      ["full", { start: 0, length: 2 }],
      ["full", { start: 2, length: 1 }],
    ]);
    await cut.close();
    expect(await contentOf("cut", storage)).toEqual(CONTENT);
    expect(await contentOf("whole", storage)).toEqual(CONTENT);
  });

  it("cuts what is reshaped or set", async () => {
    const values = toTensor(
      Float32Array.from({ length: 24 }, (_, i) => i),
      "float32",
      [4, 6],
    );
    const storage = await storageWith(format);
    await writeFileAtomically(storage, "v.npy", concatBytes(toNpy(values)));
    const steps: EditStep[] = [
      { set: "a", value: "v.npy" },
      { reshape: "a", shape: [2, 3, 4] },
      { reslice: "a", slices: 3, axis: 1 },
    ];
    await editCheckpoint("m", "out", { steps, storage });
    expect((await contentOf("out", storage)).a).toEqual({ ...values, shape: [2, 3, 4] });
  });

  it("adds the tensors of another checkpoint", async () => {
    const storage = await storageWith(format);
    await editCheckpoint("m", "other", { steps: [{ keep: ["*/b"] }, { rename: "s/tower_0/tower_1/" }], storage });
    await editCheckpoint("m", "both", { steps: [{ merge: "other" }], storage });
    expect(await contentOf("both", storage)).toEqual({ ...CONTENT, "tower_1/b": at("tower_0/b") });
  });

  it("leaves nothing when it fails, and writes nothing in a dry run", async () => {
    const storage = await storageWith(format);
    const before = await filesIn(storage);
    const failure = async (steps: EditStep[], destination = "out") => {
      const error: unknown = await editCheckpoint("m", destination, { steps, storage }).then(
        () => undefined,
        (reason) => reason,
      );
      expect(await filesIn(storage)).toEqual(before);
      if (!isCheckpointError(error)) throw new Error(`Not one of our errors: ${String(error)}`);
      return `${error.kind}: ${error.message}`;
    };
    expect(await failure([{ drop: ["net/tower_0/b"] }])).toMatch(
      /^NotFoundError: Key net\/tower_0\/b not found .*did you mean/,
    );
    expect(await failure([{ map: { tower: "x" } }])).toMatch(/^NotFoundError: Key tower not found/);
    expect(await failure([{ keep: ["none*"] }])).toMatch(/^NotFoundError: No tensor of m matches 'none\*'/);
    expect(await failure([{ drop: ["*"] }])).toBe("ValueError: Nothing of m would be left");
    expect(await failure([{ rename: "s/zzz/y/" }])).toMatch(/^NotFoundError: 's\/zzz\/y\/' changes no name of m/);
    expect(await failure([{ rename: "s/old/new" }])).toMatch(
      /^ValueError: 's\/old\/new' is no command .* three delimiters/,
    );
    expect(await failure([{ rename: "s/old/new/x" }])).toMatch(/its flags are g and i, not 'x'/);
    expect(await failure([{ rename: "s/(/x/" }])).toMatch(/^ValueError: .* holds an invalid regular expression/);
    expect(await failure([{ rename: "s/_.*//" }])).toMatch(/^ValueError: tower_0\/b and .* would both become tower/);
    expect(await failure([{ rename: "s/^words$//" }])).toBe("ValueError: words would have no name");
    expect(await failure([{ merge: "m" }])).toMatch(/^ValueError: .* and 5 more are in both m and m: rename or drop/);
    expect(await failure([{ merge: "none" }])).toMatch(/^NotFoundError/);
    expect(await failure([{ cast: "int8", match: ["words"] }])).toMatch(/^ValueError: words has dtype string/);
    expect(await failure([{ cast: "int32" }])).toMatch(/^ValueError: A cast to int32 needs patterns/);
    expect(await failure([{ cast: "uint8", match: ["*"] }, { drop: ["words"] }])).toMatch(
      /^ValueError: words has dtype/,
    );
    expect(await failure([{ reshape: "words", shape: [3] }])).toMatch(
      /^ValueError: words has shape \[2\], which can't/,
    );
    expect(await failure([{ reslice: "words", slices: 3 }])).toMatch(/^ValueError: words of shape \[2\] can't be cut/);
    expect(await failure([{ set: "x", value: "none.npy" }])).toMatch(/^NotFoundError/);
    expect(await failure([{ drop: ["words"] }], "./m")).toMatch(/^ValueError: .* exists already/);
    expect(await failure([{ drop: ["words"] }], "no/such/folder/m")).toMatch(/^NotFoundError/);
    const { plan } = await editCheckpoint("m", "out", { steps: [{ drop: ["words"] }], storage, dryRun: true });
    expect(plan.dropped).toEqual(["words"]);
    expect(await filesIn(storage)).toEqual(before);
  });

  it("leaves nothing if a value does not fit into the dtype that it is cast to", async () => {
    const storage = await storageWith(format);
    const before = await filesIn(storage);
    const steps: EditStep[] = [
      { set: "big", value: toTensor([300]) },
      { cast: "uint8", match: ["big"] },
    ];
    await expect(editCheckpoint("m", "out", { steps, storage })).rejects.toThrow(
      "big can't be cast from float32 to uint8: it holds 300, which does not fit",
    );
    expect(await filesIn(storage)).toEqual(before);
  });
});

it("passes the plan on before it writes", async () => {
  const storage = await storageWith("V2");
  const before = await filesIn(storage);
  const { plan } = await editCheckpoint("m", "out", {
    storage,
    steps: [{ dropOptimizer: true }, { rename: "s/tower_0/t/" }, { cast: "float64", match: ["t/w"] }],
    onPlan: async ({ tensors, dropped, bytes }) => {
      expect(await filesIn(storage)).toEqual(before);
      expect(dropped).toEqual(["tower_0/b/ExponentialMovingAverage", "tower_0/w/Adam"]);
      expect(tensors.map(({ name }) => name)).toEqual(["global_step", "t/b", "t/w", "words"]);
      const from = { name: "tower_0/w", path: "m", dtype: "float32", shape: [2, 3], slices: 0 };
      expect(tensors[2]).toEqual({ name: "t/w", dtype: "float64", shape: [2, 3], bytes: 48, slices: 0, from });
      expect(bytes).toBe(8 + 4 + 48 + 9);
    },
  });
  expect(plan.bytesBefore).toBeGreaterThan(plan.bytes);
});
