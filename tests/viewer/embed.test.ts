import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { type Browser, chromium } from "playwright";
import { build } from "vite";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { goldensFolder } from "../../fixtures/files.js";
import { CHROMIUM_ARGS, findChromium } from "../../tools/chromium.js";
import { root } from "../workspace.js";
import { temporaryFolder } from "./temporary-folder.js";

const folder = temporaryFolder();
const TYPES: Readonly<Record<string, string>> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };

let browser: Browser;
let server: Server;
let url = "";
beforeAll(async () => {
  const quiet = { logLevel: "error", configFile: false } as const;
  const conditions = ["@tfsaver/source", "browser", "module"];
  await build({
    ...quiet,
    root: join(root, "examples/viewer-embed"),
    base: "./",
    resolve: { conditions },
    worker: { format: "es" },
    build: { outDir: join(folder, "example"), target: "es2022" },
  });
  const viewer = join(root, "packages/viewer");
  await build({
    root: viewer,
    configFile: join(viewer, "vite.config.ts"),
    mode: "library",
    logLevel: "error",
    build: { outDir: join(folder, "library") },
  });
  const page = `<!doctype html><html lang="en"><title>x</title><div id="viewer" style="height: 600px"></div>
    <script type="module">
      import { mount } from "./index.js";
      window.viewer = mount(document.getElementById("viewer"));
    </script>`;
  writeFileSync(join(folder, "library/index.html"), page);
  server = createServer((request, response) => {
    const path = join(folder, new URL(request.url ?? "/", "http://localhost").pathname);
    if (!existsSync(path)) response.writeHead(404).end();
    else response.writeHead(200, { "Content-Type": TYPES[extname(path)] ?? "text/plain" }).end(readFileSync(path));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  browser = await chromium.launch({ executablePath: findChromium(), args: CHROMIUM_ARGS });
});
afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));
afterAll(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
});

test("the example of fifteen lines shows a chosen folder in a page of one's own, and another one after it", async () => {
  expect(readFileSync(join(root, "examples/viewer-embed/index.html"), "utf8").split("\n").length).toBeLessThanOrEqual(
    15,
  );
  const page = await browser.newPage();
  await page.goto(`${url}example/index.html#own`);
  const input = page.getByLabel("A folder with checkpoints:");
  await input.setInputFiles(join(goldensFolder, "v2-with-meta"));
  await page.getByText("All files are here").waitFor();
  await page.getByRole("tab", { name: "Tensors" }).click();
  await page.getByRole("treeitem", { name: /^dense1/ }).waitFor();
  await input.setInputFiles(join(goldensFolder, "v1-simple"));
  await page.getByText("V1, tables of slices").waitFor();
  // The address belongs to the page.
  expect(page.url()).toBe(`${url}example/index.html#own`);
});

test("the built package works without a bundler, and unmount leaves nothing behind", async () => {
  const page = await browser.newPage();
  await page.goto(`${url}library/index.html`);
  await page.locator("input[webkitdirectory]").setInputFiles(join(goldensFolder, "v2-with-meta"));
  await page.getByText("All files are here").waitFor();
  expect(page.workers()).toHaveLength(1);
  await page.evaluate(() => (window as unknown as { viewer: { unmount(): void } }).viewer.unmount());
  await expect.poll(() => page.workers().length).toBe(0);
  expect(await page.evaluate(() => document.getElementById("viewer")?.shadowRoot?.childElementCount)).toBe(0);
});
