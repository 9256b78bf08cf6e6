/**
 * `npm run screenshots`: takes pictures of every view, light and dark, wide and 390 pixels wide, into `.screenshots/`. Arguments
 * select views by name.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serveViewer } from "@tfsaver/viewer/node";
import { chromium, type Page } from "playwright";
import buildPage from "../../tests/viewer/build-page.js";
import { CHROMIUM_ARGS, findChromium } from "../chromium.js";
import { SCENES } from "./scenes.js";
import { writeRun } from "./write-run.js";

const target = join(import.meta.dirname, "../../.screenshots");
const wanted = process.argv.slice(2);
const scenes = SCENES.filter(({ name }) => wanted.length === 0 || wanted.some((one) => name.includes(one)));

await buildPage();
mkdirSync(target, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), "screenshots-"));
await writeRun(folder);
const viewer = await serveViewer(folder);
const browser = await chromium.launch({ executablePath: findChromium(), args: CHROMIUM_ARGS });
try {
  for (const width of [1280, 390]) {
    for (const colorScheme of ["light", "dark"] as const) {
      for (const scene of scenes) {
        const page = await browser.newPage({ viewport: { width, height: 820 }, colorScheme });
        await page.goto(viewer.url.replace(/\?.*$/, scene.address));
        await scene.prepare(page);
        await settle(page);
        const path = join(target, `${scene.name}-${width}-${colorScheme}.png`);
        await page.screenshot({ path });
        console.log(path);
        await page.close();
      }
    }
  }
} finally {
  await browser.close();
  await viewer.close();
  rmSync(folder, { recursive: true });
}

/** Waits until nothing is being read or drawn any more. */
async function settle(page: Page): Promise<void> {
  await page.locator(".working").first().waitFor({ state: "detached" });
  await page.waitForTimeout(400);
}
