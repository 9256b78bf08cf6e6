import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { chromium } from "playwright";
import { expect, test } from "vitest";
import { goldensFolder } from "../../fixtures/files.js";
import { CHROMIUM_ARGS, findChromium } from "../../tools/chromium.js";
import { root } from "../workspace.js";
import { drop, startViewer } from "./browser.js";

const TYPES: Readonly<Record<string, string>> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };
const viewer = startViewer();

test("the hosted page works offline after it was loaded once, every view of it", async () => {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const path = join(root, "packages/viewer/dist/page", pathname === "/" ? "index.html" : pathname);
    if (!existsSync(path)) response.writeHead(404).end();
    else response.writeHead(200, { "Content-Type": TYPES[extname(path)] ?? "text/plain" }).end(readFileSync(path));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const browser = await chromium.launch({ executablePath: findChromium(), args: CHROMIUM_ARGS });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready;
    });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await page.reload();
    await drop(page, [join(goldensFolder, "v2-with-meta")]);
    await page.getByText("All files are here").waitFor();
    for (const name of ["Tensors", "Compare", "Graph"]) {
      await page.getByRole("tab", { name, exact: true }).click();
      await page.locator(".working").first().waitFor({ state: "detached" });
      expect(await page.getByText("can't be loaded").count()).toBe(0);
    }
    // Checkpoints are not kept.
    const kept = await page.evaluate(async () => {
      const names = await caches.keys();
      const caches_ = await Promise.all(names.map((name) => caches.open(name)));
      return (await Promise.all(caches_.map((cache) => cache.keys()))).flat().map(({ url }) => url);
    });
    expect(kept.filter((url) => /ckpt|checkpoint$/.test(url))).toEqual([]);
  } finally {
    await browser.close();
    server.close();
  }
});

test("tfckpt view leaves no service worker behind", async () => {
  for (const search of ["?served=v2-with-meta", ""]) {
    const page = await viewer.open(search);
    await page.getByRole("heading", { level: 1 }).waitFor();
    expect(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length)).toBe(0);
  }
  expect((await fetch(`${viewer.url}service-worker.js`)).status).toBe(404);
});
