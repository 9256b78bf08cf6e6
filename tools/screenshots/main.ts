/**
 * `npm run screenshots`: takes pictures of every view, light and dark, wide and 390 pixels wide, into `.screenshots/`. Arguments
 * select views by name. `-- --readme` takes the two of the README instead.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serveViewer } from "@tfsaver/viewer/node";
import { type Browser, chromium, type Page } from "playwright";
import buildPage from "../../tests/viewer/build-page.js";
import { CHROMIUM_ARGS, findChromium } from "../chromium.js";
import { SCENES, type Scene } from "./scenes.js";
import { writeRun } from "./write-run.js";

const root = join(import.meta.dirname, "../..");
const target = join(root, ".screenshots");
const wanted = process.argv.slice(2);

/** The pictures of the README. */
const README = [
  { name: "statistics", colorScheme: "light", file: "docs/viewer-tensor.webp" },
  { name: "compared-tensor", colorScheme: "dark", file: "docs/viewer-compare.webp" },
] as const;

await buildPage();
mkdirSync(target, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), "screenshots-"));
await writeRun(folder);
cpSync(join(root, "fixtures/saved-model"), join(folder, "saved-model"), { recursive: true });
const viewer = await serveViewer(folder);
const browser = await chromium.launch({ executablePath: findChromium(), args: CHROMIUM_ARGS });
try {
  await (wanted.includes("--readme") ? takeForReadme(browser) : takeAll(browser));
} finally {
  await browser.close();
  await viewer.close();
  rmSync(folder, { recursive: true });
}

async function takeAll(browser: Browser): Promise<void> {
  const scenes = SCENES.filter(({ name }) => wanted.length === 0 || wanted.some((one) => name.includes(one)));
  for (const width of [1280, 390]) {
    for (const colorScheme of ["light", "dark"] as const) {
      for (const scene of scenes) {
        const page = await open(browser, scene, { viewport: { width, height: 820 }, colorScheme });
        const path = join(target, `${scene.name}-${width}-${colorScheme}.png`);
        await page.screenshot({ path });
        console.log(path);
        await page.close();
      }
    }
  }
}

async function takeForReadme(browser: Browser): Promise<void> {
  for (const { name, colorScheme, file } of README) {
    const scene = SCENES.find((one) => one.name === name) as Scene;
    const page = await open(browser, scene, { viewport: { width: 1120, height: 660 }, colorScheme });
    const session = await page.context().newCDPSession(page);
    const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality: 70 });
    writeFileSync(join(root, file), Buffer.from(data, "base64"));
    await page.close();
  }
}

/** Opens a scene, and waits until nothing is being read or drawn any more. */
async function open(browser: Browser, scene: Scene, options: Parameters<Browser["newPage"]>[0]): Promise<Page> {
  const page = await browser.newPage(options);
  await page.goto(viewer.url.replace(/\?.*$/, scene.address));
  await scene.prepare(page);
  await page.locator(".working, progress").first().waitFor({ state: "detached" });
  await page.waitForTimeout(400);
  return page;
}
