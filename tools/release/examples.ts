import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type ReadmeBlock, readmeBlocks } from "../../tests/examples/readme-blocks.js";
import { root } from "../../tests/workspace.js";
import type { Project } from "./project.js";
import { run } from "./run.js";
import type { Tools } from "./tools.js";

/** The ways in which TypeScript finds packages. */
export const MODES = ["nodenext", "node16", "bundler"] as const;

/** A program that runs JavaScript or TypeScript. */
export type Runtime = "node" | "bun" | "deno";

/** Writes the TypeScript examples of a package's README into the project, and compiles them in one way. */
export async function compileExamples(
  { folder, package: { folder: source } }: Project,
  mode: (typeof MODES)[number],
  tools: Tools,
): Promise<void> {
  const examples = typescriptOf(source);
  mkdirSync(join(folder, "src"), { recursive: true });
  for (const { line, code } of examples) writeFileSync(join(folder, "src", `line-${line}.ts`), code);
  if (examples.length === 0) return;
  const compilerOptions = {
    target: "es2022",
    lib: ["es2022", "dom", "dom.iterable", "dom.asynciterable"],
    module: mode === "bundler" ? "esnext" : mode,
    moduleResolution: mode,
    moduleDetection: "force",
    strict: true,
    // The types of TensorFlow.js and of some clients do not check.
    skipLibCheck: true,
    typeRoots: [tools.types],
    types: ["node"],
    outDir: "out",
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["src"] }));
  await run(process.execPath, [tools.bin("tsc"), "--project", folder], { cwd: folder });
}

/** Runs the examples of a package's README in its project. Throws if one fails or prints something else than the README shows. */
export async function runExamples(project: Project, runtime: Runtime, tools: Tools): Promise<number> {
  const {
    package: { folder: source },
  } = project;
  // Each runtime finds nothing of what the others wrote.
  const cwd = join(project.folder, runtime);
  mkdirSync(cwd, { recursive: true });
  symlinkSync(join(root, "fixtures"), join(cwd, "fixtures"), "dir");
  const typescript = typescriptOf(source).filter(({ runs }) => runs);
  for (const example of typescript)
    compare(project, example, await runFile(cwd, example.line, runtime, tools), runtime);
  if (runtime !== "node") return typescript.length;
  const commands = blocksOf(source).filter(
    ({ language, runs, output }) => language === "sh" && runs && output !== undefined,
  );
  const env = { PATH: [join(project.folder, "node_modules/.bin"), process.env.PATH].join(delimiter) };
  for (const example of commands)
    compare(project, example, await run("bash", ["-euc", example.code], { cwd, env }), runtime);
  return typescript.length + commands.length;
}

async function runFile(cwd: string, line: number, runtime: Runtime, tools: Tools): Promise<string> {
  if (runtime === "node") return await run(process.execPath, [`../out/line-${line}.js`], { cwd });
  if (runtime === "bun") return await run(tools.bun, [`../src/line-${line}.ts`], { cwd });
  const args = ["run", "--quiet", "--allow-all", "--no-check", "--node-modules-dir=manual", `../src/line-${line}.ts`];
  return await run(tools.deno, args, { cwd });
}

function compare(
  { package: { folder } }: Project,
  { line, output }: ReadmeBlock,
  printed: string,
  runtime: Runtime,
): void {
  if (output === undefined || comparable(printed, runtime) === comparable(output, runtime)) return;
  throw new Error(`${join(folder, "README.md")}:${line} shows\n${output}but prints\n${printed}`);
}

/** Takes away what other runtimes print in another way than Node.js: quotes, breaks of lines, a comma after the last item. */
function comparable(text: string, runtime: Runtime): string {
  if (runtime === "node") return text;
  return text
    .replaceAll('"', "'")
    .replace(/\s+/g, " ")
    .replace(/, (?=[\]}])/g, " ");
}

function typescriptOf(folder: string): ReadmeBlock[] {
  return blocksOf(folder).filter(({ language }) => language === "ts");
}

function blocksOf(folder: string): ReadmeBlock[] {
  return readmeBlocks(readFileSync(join(folder, "README.md"), "utf8"));
}
