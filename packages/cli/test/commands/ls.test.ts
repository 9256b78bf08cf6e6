import { toTensor } from "@tfsaver/core";
import { MemoryStorage } from "@tfsaver/storage";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { beforeAll, describe, expect, it } from "vitest";
import { goldensFolder } from "../../../../fixtures/goldens.js";
import { tfckpt } from "../run-cli.js";

const model = `${goldensFolder}v2-with-meta`;

const names = async (...options: string[]) => {
  const { code, stdout } = await tfckpt(["ls", model, "--json", ...options]);
  expect(code).toBe(0);
  return (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name);
};

describe("tfckpt ls", () => {
  it("selects by patterns, dtypes and size", async () => {
    expect(await names("--match", "*kernel", "--match", "dense?/bias")).toEqual([
      ...["dense1/bias", "dense1/kernel", "dense2/bias", "dense2/kernel"],
    ]);
    expect(await names("--dtype", "int64,bool")).toEqual(["global_step"]);
    expect(await names("--larger", "40", "--match", "*kernel")).toEqual(["dense1/kernel"]);
    expect(await names("--larger", "1K")).toEqual([]);
  });

  it("sorts by size, or by rank and dimensions", async () => {
    expect((await names("--sort", "size")).slice(0, 3)).toEqual([
      ...["dense1/kernel", "dense1/kernel/Adam", "dense1/kernel/Adam_1"],
    ]);
    expect((await names("--sort", "shape")).slice(-1)).toEqual(["dense1/kernel/Adam_1"]);
    expect((await names("--sort", "shape"))[0]).toBe("beta1_power");
  });

  it("counts parameters in the total", async () => {
    const { stdout } = await tfckpt(["ls", model, "--match", "dense*/kernel"]);
    expect(stdout.split("\n").at(-2)).toBe("2 tensors, 40 parameters, 160 B");
  });

  it("prints scopes with their shares", async () => {
    const { stdout } = await tfckpt(["ls", model, "--tree"]);
    expect(stdout).toContain("\ndense1              105  420 B  72.4 %\n  bias               15   60 B  10.3 %\n");
    const rows = JSON.parse((await tfckpt(["ls", model, "--tree", "--json"])).stdout);
    expect(rows).toContainEqual({ name: "dense2/bias", tensors: 3, parameters: 6, bytes: 24, share: 24 / 580 });
  });

  it("lists slots below their variables, also in object-based checkpoints", async () => {
    const rows = JSON.parse((await tfckpt(["ls", model, "--slots", "--json"])).stdout);
    const kernel = rows.find(({ name }: { name: string }) => name === "dense1/kernel");
    expect(kernel.slots.map(({ name }: { name: string }) => name)).toEqual([
      ...["dense1/kernel/Adam", "dense1/kernel/Adam_1"],
    ]);
    expect(rows).toHaveLength(7);
    const { stdout } = await tfckpt(["ls", `${goldensFolder}object-based/ckpt-1`, "--slots"]);
    expect(stdout).toContain("\n  model/layers/0/bias/.OPTIMIZER_SLOT/optimizer/momentum/.ATTRIBUTES/VARIABLE_VALUE ");
  });

  it.each([
    [["--dtype", "float"], "--dtype takes dtypes"],
    [["--larger", "big"], "--larger takes a size"],
    [["--sort", "color"], "--sort"],
    [["--tree", "--slots"], "--tree or --slots"],
  ])("%j is wrong usage", async (options, message) => {
    expect(await tfckpt(["ls", model, ...options])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(message),
    });
  });

  it("reports a pattern that matches nothing", async () => {
    const { code, stderr } = await tfckpt(["ls", model, "--match", "encoder/*"]);
    expect([code, stderr]).toEqual([3, expect.stringContaining("matches 'encoder/*'")]);
  });
});

describe("names with very many parts", () => {
  const storage = new MemoryStorage();
  beforeAll(async () => {
    const writer = new BundleWriter("m", { storage });
    for (const end of ["x", "y"]) await writer.add(`${"a/".repeat(20_000)}${end}`, toTensor([1]));
    await writer.add("b".repeat(60_000), toTensor([1]));
    await writer.finish();
  });

  it.each([["--tree"], ["--slots"], ["--tree", "--json"], ["--match", "*/x"]])(
    "are listed with %s %s",
    async (...options) => {
      const start = performance.now();
      expect(await tfckpt(["ls", "m", ...options.filter(Boolean)], { storage })).toMatchObject({ code: 0, stderr: "" });
      expect(performance.now() - start).toBeLessThan(3000);
    },
  );
});
