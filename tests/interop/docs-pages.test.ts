import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { preparePython } from "../../tools/python.js";
import { root } from "../workspace.js";

const BLOCK = /^```(python|ts)(?: no-run)?\n([\s\S]*?)^```\n\s*^```text\n([\s\S]*?)^```$/gm;

const folder = mkdtempSync(join(tmpdir(), "tfsaver-docs-"));
/** In the workspace, so that the programs find its packages. */
const programs = join(root, "tests/generated/python-and-back");
afterAll(() => rmSync(folder, { recursive: true }));

test("the tutorial from Python to TypeScript and back prints what it shows", () => {
  const page = readFileSync(join(root, "docs/tutorials/python-and-back.md"), "utf8");
  const blocks = [...page.matchAll(BLOCK)];
  expect(blocks.map(([, language]) => language)).toEqual(["python", "ts", "python", "python", "ts", "python"]);
  for (const [i, [, language, code = "", output]] of blocks.entries()) {
    expect(language === "python" ? runPython(code) : runTypeScript(code, i)).toBe(output);
  }
});

test("TensorFlow's side of the guide from tf.train.Saver runs, part after part", () => {
  const page = readFileSync(join(root, "docs/guides/from-tf-train-saver.md"), "utf8");
  const blocks = [...page.matchAll(/^```python\n([\s\S]*?)^```$/gm)].map(([, code = ""]) => code);
  expect(blocks).toHaveLength(9);
  const objects = blocks.pop() ?? "";
  // A meta graph would be added to the graph that is there.
  const parts = blocks.map((code) => (code.includes("import_meta_graph") ? `tf.reset_default_graph()\n${code}` : code));
  expect(runPython(parts.join("\n"))).toBe("[1. 2.]\n[1. 2.]\nrun/model.ckpt-1\n");
  // Not after `disable_v2_behavior`.
  expect(runPython(objects)).toBe("");
});

function runPython(code: string): string {
  const env = { ...process.env, CUDA_VISIBLE_DEVICES: "", TF_CPP_MIN_LOG_LEVEL: "3" };
  return execFileSync(preparePython(), ["-c", code], {
    cwd: folder,
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}

function runTypeScript(code: string, number: number): string {
  mkdirSync(programs, { recursive: true });
  const program = join(programs, `${number}.ts`);
  writeFileSync(program, code);
  const loader = join(root, "node_modules/tsx/dist/loader.mjs");
  const args = ["--conditions=@tfsaver/source", "--import", loader, program];
  return execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
}
