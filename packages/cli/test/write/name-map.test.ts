import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadVariable } from "@tfsaver/checkpoint-reader";
import { toNpy } from "@tfsaver/checkpoint-tools";
import { toTensor } from "@tfsaver/core";
import { concatBytes } from "@tfsaver/core/coding";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { goldensFolder } from "../../../../fixtures/goldens.js";
import { FileServer } from "../../../../tools/bench/file-server.js";
import { tfckpt } from "../run-cli.js";

const SOURCE = `${goldensFolder}v2-with-meta`;
const OBJECTS = `${goldensFolder}object-based/ckpt-1`;

let temporary: string;
let server: FileServer;
beforeAll(async () => {
  temporary = mkdtempSync(join(tmpdir(), "tfckpt-map-"));
  server = await FileServer.start(temporary);
});
afterAll(async () => {
  await server.close();
  rmSync(temporary, { recursive: true });
});

const at = (name: string) => join(temporary, name);
let made = 0;

function written(text: string): string {
  writeFileSync(at(`map-${++made}`), text);
  return `map-${made}`;
}

const TABLE = `{"dense1/kernel": ["a", "b"], "dense2/kernel": "c"}`;
const LINES = "# old\tnew\ndense1/kernel\ta\tb\r\ndense2/kernel\tc\n";
const RULES = JSON.stringify({
  rules: [
    { from: "dense(\\d)/kernel", to: "layers.$1.weight", transpose: true },
    { from: "dense(\\d)/bias", to: "layers.$1.bias" },
  ],
  drop: [".*/Adam(_1)?", "beta\\d_power", "global_step"],
});

async function rowsOf(prefix: string): Promise<{ name: string; shape: number[] }[]> {
  return JSON.parse((await tfckpt(["ls", prefix, "--json"])).stdout);
}

describe("a map of names", () => {
  it.each([
    ["a table in JSON", TABLE],
    ["a table in lines", LINES],
    ["rules", RULES],
  ])("that is %s does the same in edit and convert, from a file and from a URL", async (_, text) => {
    const map = written(text);
    const digests = new Set<string>();
    for (const command of ["edit", "convert"]) {
      for (const [i, file] of [at(map), server.url + map].entries()) {
        const destination = at(`${map}-${command}-${i}`);
        const run = await tfckpt([command, SOURCE, destination, "--map", file]);
        expect([run.code, run.stderr]).toEqual([0, ""]);
        digests.add((await tfckpt(["digest", destination])).stdout);
      }
    }
    expect(digests.size).toBe(1);
  });

  it("renames and copies by a table, and leaves what is not in it", async () => {
    const map = at(written(LINES));
    await tfckpt(["convert", SOURCE, at("table"), "--map", map]);
    const names = (await rowsOf(at("table"))).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["a", "b", "c", "dense1/bias", "dense1/kernel/Adam", "global_step"]));
    expect(names).toHaveLength(16);
  });

  it("renames, transposes and drops by rules", async () => {
    await tfckpt(["edit", SOURCE, at("ruled"), "--map", at(written(RULES))]);
    expect((await rowsOf(at("ruled"))).map(({ name, shape }) => [name, shape])).toEqual([
      ["layers.1.bias", [5]],
      ["layers.1.weight", [5, 6]],
      ["layers.2.bias", [2]],
      ["layers.2.weight", [2, 5]],
    ]);
    const before = (await loadVariable(`${SOURCE}/model.ckpt-7`, "dense2/kernel")).data as Float32Array;
    const after = (await loadVariable(at("ruled"), "layers.2.weight")).data as Float32Array;
    expect([...after]).toEqual(Array.from({ length: 10 }, (_, i) => before[(i % 5) * 2 + Math.floor(i / 5)]));
  });

  it("that is shipped is found by its name in both commands", async () => {
    const writer = new BundleWriter(at("bert"));
    await writer.add("bert/pooler/dense/kernel", toTensor([[1, 2, 3]]));
    await writer.add("bert/pooler/dense/kernel/adam_m", toTensor([[0, 0, 0]]));
    await writer.finish();
    for (const command of ["edit", "convert"]) {
      await tfckpt([command, at("bert"), at(`bert-${command}`), "--map", "bert-to-huggingface"]);
      const rows = (await rowsOf(at(`bert-${command}`))).map(({ name, shape }) => [name, shape]);
      expect(rows).toEqual([["bert.pooler.dense.weight", [3, 1]]]);
    }
  });

  it("has the paths of objects for an object-based checkpoint, in both commands", async () => {
    const [map, rules] = [
      at(written('{"model/layers/0/kernel": "first"}')),
      at(
        written(
          '{"rules": [{"from": "model/layers/0/kernel", "to": "first"}], "drop": ["(?!model/layers/0/kernel$).*"]}',
        ),
      ),
    ];
    const expected = await loadVariable(OBJECTS, "model/layers/0/kernel/.ATTRIBUTES/VARIABLE_VALUE");
    for (const file of [map, rules]) {
      const destination = `${file}-objects`;
      expect(await tfckpt(["convert", OBJECTS, destination, "--map", file])).toMatchObject({ code: 0, stderr: "" });
      expect(await loadVariable(destination, "first")).toEqual(expected);
    }
    expect(await tfckpt(["edit", OBJECTS, at("moved"), "--map", map])).toMatchObject({ code: 0, stderr: "" });
    const { stdout } = await tfckpt(["ls", at("moved"), "--objects"]);
    expect(stdout).toContain("first/.ATTRIBUTES/VARIABLE_VALUE");
  });

  it("does not let convert replace its source, whatever it is", async () => {
    await tfckpt(["convert", SOURCE, at("own")]);
    await tfckpt(["convert", SOURCE, at("own.safetensors")]);
    const before = [readFileSync(at("own.index")), readFileSync(at("own.safetensors"))];
    const map = at(written(LINES));
    for (const args of [
      ["own", "./own", "--map", map],
      ["own.safetensors", "own.safetensors", "--map", map],
      ["own.safetensors", "own.safetensors", "--to", "v1", "--map", map],
      ["own.safetensors", "own.safetensors", "--to", "v1"],
    ]) {
      const [source = "", destination = "", ...options] = args;
      const run = await tfckpt(["convert", at(source), `${temporary}/${destination}`, "--force", ...options]);
      expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining("is the source itself") });
    }
    expect([readFileSync(at("own.index")), readFileSync(at("own.safetensors"))]).toEqual(before);
  });

  it.each(["edit", "convert"])("with a mistake is one clear line of %s, and nothing is written", async (command) => {
    for (const [text, code, message] of [
      ["{", 2, "is not valid JSON"],
      ['{"a": 1}', 2, "the value of 'a' must be a name"],
      ["{}", 2, "it has no names"],
      ["dense1/kernel", 2, "line 1 needs an old and a new name"],
      ['{"rules": [{"from": "a"}]}', 2, "rule 1 needs from and to"],
      ['{"rules": [], "drops": []}', 2, "'drops' is unknown"],
      ['{"rules": [{"from": "(", "to": "a"}]}', 2, "'(' in the map is not a regular expression"],
      ['{"rules": [{"from": "dense1/bias", "to": "a"}]}', 2, "The map has no rule for beta1_power"],
      ['{"rules": [{"from": ".*", "to": "a"}]}', 2, "would both become a"],
      ['{"dense1/kernal": "a"}', 3, "did you mean dense1/kernel"],
      ['{"dense1/kernel": "dense2/kernel"}', 2, "would both become dense2/kernel"],
    ] as const) {
      const found = await tfckpt([command, SOURCE, at("wrong"), "--map", at(written(text))]);
      expect([found.code, found.stderr]).toEqual([code, expect.stringContaining(message)]);
      expect(found.stderr.trimEnd().split("\n")).toHaveLength(1);
    }
    const missing = await tfckpt([command, SOURCE, at("wrong"), "--map", "none.json"]);
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining("none.json") });
    expect(await tfckpt(["ls", at("wrong")])).toMatchObject({ code: 3 });
  });
});

it("tfckpt edit --set reads a NumPy file from a URL", async () => {
  writeFileSync(at("k.npy"), concatBytes(toNpy(toTensor([1.5, 2.5]))));
  const run = await tfckpt(["edit", SOURCE, at("set"), "--set", `dense2/bias=${server.url}k.npy`]);
  expect([run.code, run.stderr]).toEqual([0, ""]);
  expect((await tfckpt(["cat", at("set"), "dense2/bias"])).stdout).toBe("[1.5 2.5]\n");
  const missing = await tfckpt(["edit", SOURCE, at("none"), "--set", `dense2/bias=${server.url}none.npy`]);
  expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining(`${server.url}none.npy`) });
});
