import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { goldenCheckpoints, goldensFolder } from "../../../../fixtures/goldens.js";
import { tfckpt } from "../run-cli.js";

const folder = `${goldensFolder}v2-with-meta`;
const prefix = `${folder}/model.ckpt-7`;
const model = goldenCheckpoints("v2-with-meta").find(({ path }) => path === prefix);
const tensors = Object.entries(model?.tensors ?? {});
const bytesOf = (name: string) => Buffer.from(model?.tensors[name]?.bytes_hex ?? "", "hex");

describe("tfckpt ls", () => {
  it("prints an array of name, dtype, shape and bytes, sorted by name", async () => {
    const { code, stdout, stderr } = await tfckpt(["ls", prefix, "--json"]);
    const wanted = tensors.map(([name, { dtype, shape, bytes_hex = "" }]) => ({
      name,
      dtype,
      shape,
      bytes: bytes_hex.length / 2,
    }));
    expect(JSON.parse(stdout)).toEqual(wanted.sort((a, b) => (a.name < b.name ? -1 : 1)));
    expect([code, stderr]).toEqual([0, ""]);
  });

  it("prints a table with totals, without styles if the output is not a terminal", async () => {
    const { code, stdout } = await tfckpt(["ls", prefix]);
    expect(code).toBe(0);
    const lines = stdout.split("\n");
    expect(lines.slice(0, 3)).toEqual([
      "name                  dtype    shape   size",
      "beta1_power           float32  []       4 B",
      "beta2_power           float32  []       4 B",
    ]);
    expect(lines.slice(-2)).toEqual(["15 tensors, 144 parameters, 580 B", ""]);
  });

  it("accepts prefix, index, data, meta, folder and state file alike", async () => {
    const { stdout } = await tfckpt(["ls", prefix]);
    const endings = [".index", ".data-00000-of-00001", ".meta"].map((ending) => prefix + ending);
    for (const path of [...endings, folder, `${folder}/`, `${folder}/checkpoint`]) {
      expect(await tfckpt(["ls", path])).toMatchObject({ code: 0, stdout });
    }
  });

  it("lists a checkpoint without tensors", async () => {
    const empty = `${goldensFolder}empty-bundle/empty`;
    expect(await tfckpt(["ls", empty, "--json"])).toMatchObject({ code: 0, stdout: "[]\n" });
    expect(await tfckpt(["ls", empty])).toMatchObject({ code: 0, stdout: "0 tensors, 0 parameters, 0 B\n" });
    expect(await tfckpt(["digest", empty, "--json"])).toMatchObject({ code: 0, stdout: "{}\n" });
  });
});

describe("tfckpt cat", () => {
  let temporary: string;
  beforeAll(() => {
    temporary = mkdtempSync(join(tmpdir(), "tfckpt-"));
  });
  afterAll(() => rmSync(temporary, { recursive: true }));

  it("prints text", async () => {
    expect(await tfckpt(["cat", prefix, "global_step"])).toMatchObject({ code: 0, stdout: "7\n", stderr: "" });
    expect((await tfckpt(["cat", prefix, "dense2/kernel"])).stdout).toMatch(/^\[\[-?\d\.\d+ +-?\d\.\d+\]\n \[/);
  });

  it("accepts the name of a variable's value", async () => {
    expect((await tfckpt(["cat", prefix, "global_step:0"])).stdout).toBe("7\n");
  });

  it("prints JSON with the exact numbers", async () => {
    const { stdout } = await tfckpt(["cat", prefix, "dense2/kernel", "--format", "json"]);
    const numbers: number[] = JSON.parse(stdout).flat();
    expect(Buffer.from(Float32Array.from(numbers).buffer)).toEqual(bytesOf("dense2/kernel"));
  });

  it("prints raw bytes, and writes them to a file", async () => {
    expect((await tfckpt(["cat", prefix, "dense2/kernel", "-f", "raw"])).bytes).toEqual(bytesOf("dense2/kernel"));
    const file = join(temporary, "kernel.bin");
    const { code, bytes } = await tfckpt(["cat", prefix, "dense2/kernel", "-f", "raw", "-o", file]);
    expect([code, bytes.length]).toEqual([0, 0]);
    expect(readFileSync(file)).toEqual(bytesOf("dense2/kernel"));
  });

  it("prints a NumPy file", async () => {
    const { bytes } = await tfckpt(["cat", prefix, "dense2/kernel", "--format", "npy"]);
    expect(bytes.subarray(0, 128).toString("latin1")).toContain(
      "'descr': '<f4', 'fortran_order': False, 'shape': (5, 2)",
    );
    expect(bytes.subarray(128)).toEqual(bytesOf("dense2/kernel"));
  });

  it("prints strings in every format", async () => {
    const all = goldenCheckpoints("v2-all-dtypes").flatMap(({ path, tensors }) =>
      Object.entries(tensors)
        .filter(([, { dtype }]) => dtype === "string")
        .map(([name, { strings_b64 = [] }]) => ({
          path,
          name,
          strings: strings_b64.map((s) => Buffer.from(s, "base64")),
        })),
    );
    expect(all.length).toBeGreaterThan(0);
    for (const { path, name, strings } of all) {
      const { stdout } = await tfckpt(["cat", path, name, "--format", "json"]);
      const found = [JSON.parse(stdout)].flat(10) as (string | { base64: string })[];
      const decoded = found.map((item) =>
        typeof item === "string" ? Buffer.from(item) : Buffer.from(item.base64, "base64"),
      );
      expect(decoded).toEqual(strings);
      expect((await tfckpt(["cat", path, name, "--format", "raw"])).bytes).toEqual(Buffer.concat(strings));
      expect((await tfckpt(["cat", path, name])).stdout).toMatch(/^\[*("|\])/);
    }
  });

  it("refuses to print binary formats to a terminal", async () => {
    const { code, stdout, stderr } = await tfckpt(["cat", prefix, "global_step", "-f", "npy"], { terminal: true });
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toBe("tfckpt: npy output is binary: write it to a file with -o, or pipe it to a program\n");
  });

  it("names the file that cannot be written", async () => {
    const { code, stderr } = await tfckpt(["cat", prefix, "global_step", "-o", join(temporary, "none", "x")]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^tfckpt: Can't write .*x: ENOENT.*\n$/);
  });
});

describe("tfckpt digest", () => {
  const wanted = tensors.map(([name, { bytes_hex = "" }]) => [
    name,
    createHash("sha256").update(Buffer.from(bytes_hex, "hex")).digest("hex"),
  ]);

  it("prints an object of names and digests", async () => {
    const { code, stdout } = await tfckpt(["digest", prefix, "--json"]);
    expect([code, JSON.parse(stdout)]).toEqual([0, Object.fromEntries(wanted)]);
  });

  it("prints lines as sha256sum does", async () => {
    const { stdout } = await tfckpt(["digest", prefix]);
    expect(stdout).toBe(wanted.map(([name, hex]) => `${hex}  ${name}\n`).join(""));
  });
});

describe("tfckpt verify", () => {
  it("reports that a checkpoint is good", async () => {
    const stdout = `${prefix}: 15 tensors, 580 B: all checksums match\n`;
    expect(await tfckpt(["verify", prefix])).toMatchObject({ code: 0, stdout, stderr: "" });
  });

  it("lists damage with file and offset", async () => {
    const bad = `${goldensFolder}corrupt/data-flip-float`;
    const { code, stdout, stderr } = await tfckpt(["verify", bad]);
    expect(code).toBe(1);
    expect(stdout).toMatch(new RegExp(`^${bad}\\.data-00000-of-00001:0: alpha: .*Checksum does not match.*\n$`));
    const [summary, likely, advice] = stderr.split("\n");
    expect(summary).toMatch(/^tfckpt: .*data-flip-float is damaged: 1 problem; intact: \d+ tensors?, .*$/);
    expect(likely).toMatch(/A disk or a transfer probably damaged it: copy it again\. Affected tensors: alpha\.$/);
    expect(advice).toMatch(/^tfckpt: The newest whole checkpoint of the folder is .*v1-good\.$/);
  });
});

describe("tfckpt ls --objects", () => {
  const slots = `${goldensFolder}object-checkpoint/slots-adam/ckpt`;

  it("prints the objects as a tree, with their slots, graph names and keys", async () => {
    const { code, stdout } = await tfckpt(["ls", slots, "--objects"]);
    expect(code).toBe(0);
    expect(stdout.split("\n").slice(0, 6)).toEqual([
      "object             dtype    shape  name         key",
      "(root)",
      "  opt",
      "    beta1_power    float32  []     beta1_power  opt/beta1_power/.ATTRIBUTES/VARIABLE_VALUE",
      "    beta2_power    float32  []     beta2_power  opt/beta2_power/.ATTRIBUTES/VARIABLE_VALUE",
      "    m of (root).w  float32  [2]    w/Adam       w/.OPTIMIZER_SLOT/opt/m/.ATTRIBUTES/VARIABLE_VALUE",
    ]);
    expect(stdout.split("\n").slice(-2)).toEqual(["10 objects, 8 tensors", ""]);
  });

  it("prints an object once, and where it is", async () => {
    const { stdout } = await tfckpt(["ls", `${goldensFolder}object-checkpoint/cycle/ckpt`, "--objects"]);
    expect(stdout).toContain("me → (root).a");
  });

  it("prints JSON, whose names and keys other commands take", async () => {
    const { stdout } = await tfckpt(["ls", slots, "--objects", "--json"]);
    const records: { name: string; key: string; object: number }[] = JSON.parse(stdout);
    const w = records.find(({ name }) => name === "w");
    expect(w?.key).toBe("w/.ATTRIBUTES/VARIABLE_VALUE");
    for (const name of [w?.name, w?.key]) expect((await tfckpt(["cat", slots, name as string])).code).toBe(0);
  });

  it("says that a checkpoint has no objects", async () => {
    expect(await tfckpt(["ls", prefix, "--objects"])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("is not an object-based checkpoint"),
    });
  });
});
