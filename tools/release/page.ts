import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright";
import { CHROMIUM_ARGS, findChromium } from "../chromium.js";
import { run } from "./run.js";
import type { Tools } from "./tools.js";

export const BUNDLERS = ["vite", "webpack", "esbuild"] as const;
export type Bundler = (typeof BUNDLERS)[number];

/** What an application imports that reads a checkpoint in a page, trains on and saves. */
export const PAGE_PACKAGES = [
  "@tfsaver/checkpoint-reader",
  "@tfsaver/graph",
  "@tfsaver/saver",
  "@tfsaver/session-local",
  "@tfsaver/storage",
];

const APPLICATION = `
import { openCheckpoint } from "@tfsaver/checkpoint-reader";
import { Graph, Variable } from "@tfsaver/graph";
import { Saver } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import { MemoryStorage } from "@tfsaver/storage";
import { HttpStorage } from "@tfsaver/storage/http";

const reader = await openCheckpoint("v2-with-meta/model.ckpt-7", { storage: new HttpStorage("/goldens") });
const step = await reader.get("global_step");
const kernel = await reader.get("dense2/kernel");

const storage = new MemoryStorage();
const graph = new Graph();
const weights = Variable.create(kernel, { graph, name: "weights" });
const saver = new Saver({ graph, storage });
const session = new LocalSession(graph, { storage });
await session.run(weights.initializer);
const path = await saver.save(session, "model", { globalStep: Number(step.data[0]) });
const restarted = new LocalSession(graph, { storage });
await saver.restore(restarted, path);
const { data } = await weights.eval(restarted);
document.title = path + (data.every((value, i) => value === kernel.data[i]) ? " is whole" : " is not whole");
`;
const TITLE = "model-7 is whole";

const TYPES: Readonly<Record<string, string>> = { ".html": "text/html", ".js": "text/javascript" };

/** Bundles an application in a project that has {@link PAGE_PACKAGES}. Returns the folder of the page. */
export async function bundle(project: string, bundler: Bundler, tools: Tools): Promise<string> {
  const folder = join(project, bundler);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "app.js"), APPLICATION);
  const page = (script: string) =>
    `<!doctype html><title>loading</title><script type="module" src="${script}"></script>`;
  const out = join(folder, "dist");
  if (bundler === "vite") {
    writeFileSync(join(folder, "index.html"), page("./app.js"));
    await run(process.execPath, [tools.bin("vite"), "build", "--logLevel", "error", "--base", "./"], { cwd: folder });
    return out;
  }
  if (bundler === "webpack") {
    const args = ["--mode", "production", "--entry", "./app.js", "--output-path", out, "--output-filename", "app.js"];
    await run(process.execPath, [tools.bin("webpack"), "build", ...args], { cwd: folder });
  } else {
    const args = [
      "app.js",
      "--bundle",
      "--minify",
      "--format=esm",
      `--outdir=${out}`,
      "--splitting",
      "--log-level=error",
    ];
    await run(process.execPath, [tools.bin("esbuild"), ...args], { cwd: folder });
  }
  writeFileSync(join(out, "index.html"), page("./app.js"));
  return out;
}

/** Returns the size in bytes of a page's scripts, each compressed by gzip. */
export function pageSize(folder: string): number {
  const scripts = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".js"));
  return scripts.reduce((sum, path) => sum + gzipSync(readFileSync(join(folder, path))).length, 0);
}

/** Opens pages in Chromium. Throws if one does not read, save and restore. */
export async function openPages(folders: Readonly<Record<string, string>>, goldens: string): Promise<void> {
  const roots: Readonly<Record<string, string>> = { ...folders, goldens };
  const server = createServer(({ url = "/" }, response) => {
    const [, name = "", ...rest] = normalize(new URL(url, "http://127.0.0.1").pathname).split("/");
    const path = join(roots[name] ?? "", ...rest);
    if (roots[name] === undefined || !existsSync(path)) {
      response.writeHead(404).end();
      return;
    }
    response
      .writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream" })
      .end(readFileSync(path));
  }).listen(0, "127.0.0.1");
  await new Promise((listening) => server.once("listening", listening));
  const { port } = server.address() as AddressInfo;
  const browser = await chromium.launch({ executablePath: findChromium(), args: CHROMIUM_ARGS });
  try {
    for (const name of Object.keys(folders)) {
      const page = await browser.newPage();
      const errors: string[] = [];
      page.on("pageerror", ({ message }) => errors.push(message));
      await page.goto(`http://127.0.0.1:${port}/${name}/index.html`);
      await page.waitForFunction("document.title !== 'loading'", undefined, { timeout: 20_000 }).catch(() => {
        throw new Error(`the page of ${name} shows nothing after 20 s: ${errors.join("; ")}`);
      });
      const title = await page.title();
      if (title !== TITLE) throw new Error(`the page of ${name} says "${title}" instead of "${TITLE}"`);
    }
  } finally {
    await browser.close();
    server.close();
  }
}
