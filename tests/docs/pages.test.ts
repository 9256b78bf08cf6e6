import { type Browser, chromium, type Page } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { brokenLinks } from "../../docs/build/check-links.js";
import { docs, site } from "../../docs/build/site.js";
import { CHROMIUM_ARGS, findChromium } from "../../tools/chromium.js";
import { accessibilityProblems } from "../viewer/accessible.js";
import { filesBelow } from "../workspace.js";
import { type ServedSite, serveSite } from "./serve-site.js";

let served: ServedSite;
let browser: Browser;

beforeAll(async () => {
  served = await serveSite();
  browser = await chromium.launch({ executablePath: findChromium(), args: CHROMIUM_ARGS });
});

afterAll(async () => {
  await browser?.close();
  await served?.close();
});

/** Every page that is written by hand, one README and one API page. */
const paths = filesBelow(docs)
  .filter((file) => /^(index|(tutorials|guides|extend|packages)\/[\w-]+|[a-z]+)\.md$/.test(file))
  .map((file) => file.replace(/(^|\/)index\.md$|\.md$/, "$1"))
  .concat("packages/saver", "api/retention");

async function open(path: string, look: { width: number; colorScheme: "light" | "dark" }): Promise<Page> {
  const { width, colorScheme } = look;
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  page.setDefaultTimeout(15_000);
  await page.goto(served.url + path, { waitUntil: "load" });
  return page;
}

test("every link and anchor leads somewhere", () => {
  expect(brokenLinks(site)).toEqual([]);
});

test.for(paths)("axe finds nothing in the page /%s", async (path) => {
  const page = await open(path, { width: 1280, colorScheme: "light" });
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.close();
});

test.for(["", "errors", "guides/from-tf-train-saver", "tutorials/command"])(
  "axe finds nothing in the page /%s in dark colors on a phone, and nothing is wider than the screen",
  async (path) => {
    const page = await open(path, { width: 390, colorScheme: "dark" });
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    await page.close();
  },
);

test("the home page shows a checkpoint in the viewer, in the colors of the page", async () => {
  const page = await open("", { width: 1280, colorScheme: "dark" });
  const viewer = page.locator(".checkpoint-viewer");
  await viewer.getByText("15", { exact: true }).first().waitFor();
  await viewer.getByRole("tab", { name: "Tensors" }).click();
  await viewer.getByText("dense1").first().waitFor();
  expect(await viewer.evaluate((element) => getComputedStyle(element).colorScheme)).toBe("dark");
  await page.close();
});

test.for([
  ["Key not found in checkpoint", "errors#key-not-found-in-checkpoint"],
  ["checksum does not match", "errors#checksum-does-not-match"],
  ["NaN", "tutorials/command#find-nan-in-a-checkpoint"],
  ["convert checkpoint to safetensors", "guides/change-a-checkpoint#convert"],
  ["read TensorFlow checkpoint JavaScript", "tutorials/in-a-page#read-a-tensorflow-checkpoint-in-a-web-page"],
  ["Git LFS pointer", "errors#another-kind-of-file"],
  ["keepBest", "api/retention#keepbest"],
] as const)("the search for %s leads to %s", async ([words, wanted]) => {
  expect((await search(words)).slice(0, 5)).toContain(wanted);
});

test.for([
  ["custom storage", "extend/storage"],
  ["own storage", "extend/storage"],
  ["implement storage", "extend/storage"],
  ["storage adapter", "extend/storage"],
  ["storage of your own", "extend/storage"],
  ["SQLite", "extend/storage"],
  ["custom session", "extend/session"],
  ["own session", "extend/session"],
  ["custom kernel", "extend/kernel"],
  ["implement kernel", "extend/kernel"],
  ["custom builder", "extend/builder"],
  ["own builder", "extend/builder"],
  ["custom saveable", "extend/saveable"],
  ["own saveable", "extend/saveable"],
  ["custom trackable", "extend/trackable"],
  ["own trackable", "extend/trackable"],
  ["custom retention policy", "extend/retention-policy"],
  ["own retention policy", "extend/retention-policy"],
  ["custom save policy", "extend/save-policy"],
  ["own save policy", "extend/save-policy"],
  ["custom format", "extend/interchange-format"],
  ["own format", "extend/interchange-format"],
  ["resume from checkpoint", "tutorials/train-and-resume"],
  ["list tensors in checkpoint", "tutorials/(command|read-in-nodejs)#list-the-tensors"],
  ["zip.js", "errors#a-package-is-not-installed"],
  ["h5wasm", "errors#a-package-is-not-installed"],
  ["viewer is not installed", "errors#a-package-is-not-installed"],
  ["tfckpt: command not found", "tutorials/command#install"],
  ["not an sstable", "errors#another-kind-of-file"],
  ["bad magic number", "errors#another-kind-of-file"],
] as const)("the search for %s leads to %s among the first two", async ([words, wanted]) => {
  const beginning = new RegExp(`^${wanted}`);
  expect((await search(words)).slice(0, 2).filter((address) => beginning.test(address))).not.toEqual([]);
});

test("the search for tfckpt view leads first to the viewer or to the page of the command", async () => {
  expect((await search("tfckpt view"))[0]).toMatch(/^(viewer|tutorials\/command)/);
});

/** Types words into the search, and returns the addresses that it finds, best first. */
async function search(words: string): Promise<string[]> {
  const page = await open("formats", { width: 1280, colorScheme: "light" });
  // Until then, nothing listens to keys.
  await page.waitForFunction(() => "__vue_app__" in (document.querySelector("#app") ?? {}));
  await page.keyboard.press("Control+k");
  await page.locator("#localsearch-input").fill(words);
  await page.locator(".results .result").first().waitFor();
  const found = await page
    .locator(".results a.result")
    .evaluateAll((links) => links.map((link) => link.getAttribute("href") ?? ""));
  await page.close();
  return found.map((address) => address.replace(/^\/tfsaver\//, ""));
}
