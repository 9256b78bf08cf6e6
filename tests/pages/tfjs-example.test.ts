import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright";
import { createServer, type ViteDevServer } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CHROMIUM_ARGS, findChromium } from "../../tools/chromium.js";
import { root } from "../workspace.js";

let server: ViteDevServer;
let browser: Browser;
beforeAll(async () => {
  server = await createServer({ configFile: join(root, "examples/tfjs/vite.config.ts"), server: { port: 0 } });
  await server.listen();
  browser = await chromium.launch({ executablePath: findChromium(), args: CHROMIUM_ARGS });
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

async function trained(page: Page): Promise<object> {
  const button = page.getByRole("button", { name: "Train 10 steps" });
  await expect.poll(() => button.isEnabled(), { timeout: 25_000 }).toBe(true);
  const source = await page.locator("#source").textContent();
  await button.click();
  await expect.poll(() => button.isEnabled()).toBe(true);
  return {
    source,
    steps: await page.locator("#steps").textContent(),
    saved: await page.locator("#saved").textContent(),
  };
}

test("the page goes on where Keras stopped, saves, and goes on from there after a reload", async () => {
  const page = await browser.newPage();
  const failures: string[] = [];
  page.on("pageerror", ({ message }) => failures.push(message));
  await page.goto(server.resolvedUrls?.local[0] ?? "");
  expect(await trained(page)).toEqual({
    source: "ckpt, which Keras wrote, over HTTP",
    steps: "13",
    saved: "run/model.ckpt-13",
  });
  const loss = Number(await page.locator("#loss").textContent());
  // Keras needed three steps from 0.50 to 0.43.
  expect(loss).toBeLessThan(0.43);
  await page.reload();
  expect(await trained(page)).toEqual({ source: "run/model.ckpt-13", steps: "23", saved: "run/model.ckpt-23" });
  expect(Number(await page.locator("#loss").textContent())).toBeLessThan(loss);
  if (process.env.TFSAVER_SCREENSHOTS)
    await page.screenshot({ path: join(process.env.TFSAVER_SCREENSHOTS, "tfjs.png") });
  await page.getByRole("button", { name: "Forget" }).click();
  await expect.poll(() => page.locator("#source").textContent(), { timeout: 25_000 }).toContain("Keras");
  expect(failures).toEqual([]);
}, 90_000);
