import { type ServedViewer, serveViewer } from "@tfsaver/viewer/node";
import { type Browser, chromium, type Page } from "playwright";
import { afterAll, afterEach, beforeAll } from "vitest";
import { goldensFolder } from "../../fixtures/files.js";
import { CHROMIUM_ARGS, findChromium } from "../../tools/chromium.js";

/** A Chromium and a server of the page, for the tests of one file. */
export interface Viewer {
  /** URL of the page. */
  readonly url: string;
  /**
   * Opens the page in a new tab.
   *
   * @param search - what stands behind its URL: `?served=v2-with-meta/model.ckpt-7#tensors`, or `?url=files/…`
   */
  open(search?: string): Promise<Page>;
  /** Returns the bytes of files that were served since the last call. */
  bytesServed(): number;
}

/**
 * Starts a Chromium and a server before the tests of a file, and ends them afterwards.
 *
 * @param files - the folder that is served. Default: the goldens
 */
export function startViewer(files: string = goldensFolder): Viewer {
  let server: ServedViewer;
  let browser: Browser;
  let served = 0;
  beforeAll(async () => {
    server = await serveViewer(files);
    browser = await chromium.launch({ executablePath: findChromium(), args: CHROMIUM_ARGS });
  });
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });
  return {
    get url() {
      return server.url.replace(/\?.*$/, "");
    },
    bytesServed: () => {
      const bytes = served;
      served = 0;
      return bytes;
    },
    open: async (search = "") => {
      const page = await browser.newPage();
      // Shorter than that of a test, so that what was waited for is named.
      page.setDefaultTimeout(15_000);
      // What the content security policy forbids is an error of the console.
      page.on("console", (message) => {
        // Servers of tests end before their pages do.
        const isMissingFile = /status of (404|501)|ERR_CONNECTION/.test(message.text());
        if (message.type() === "error" && !isMissingFile) failures.push(message.text());
      });
      // Parts of files.
      page.on("response", (response) => {
        if (response.status() === 206) served += Number(response.headers()["content-length"]);
      });
      page.on("pageerror", (error) => failures.push(error.message));
      await page.goto(server.url.replace(/\?.*$/, search));
      return page;
    },
  };
}

/** Errors of the pages that were opened since the last look. */
const failures: string[] = [];

/** Returns the errors that pages have reported since the last call. */
export function takeFailures(): string[] {
  return failures.splice(0);
}

/** Drops files or folders of this machine on a page, by the browser's own drag events. */
export async function drop(page: Page, paths: readonly string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [...paths], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const) {
    await session.send("Input.dispatchDragEvent", { type, x: 200, y: 200, data });
  }
  await session.detach();
}
