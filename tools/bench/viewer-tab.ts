import { readFileSync } from "node:fs";
import { serveViewer } from "@tfsaver/viewer/node";
import { type Browser, chromium, type Page } from "playwright";
import { CHROMIUM_ARGS, findChromium } from "../chromium.js";

/** The built viewer in a tab of a Chromium of its own, served with a folder on loopback. */
export class ViewerTab {
  private constructor(
    private readonly browser: Browser,
    private readonly page: Page,
    private readonly end: () => Promise<void>,
    private readonly url: string,
  ) {}

  static async open(folder: string): Promise<ViewerTab> {
    const served = await serveViewer(folder);
    const browser = await chromium.launch({ executablePath: findChromium(), args: CHROMIUM_ARGS });
    const page = await browser.newPage();
    const url = served.url.replace(/\?.*$/, "");
    await page.goto(`${url}#tensors`);
    await page.getByText("Drop a checkpoint here").waitFor();
    return new ViewerTab(browser, page, () => served.close(), url);
  }

  /** Drops a folder. Returns the milliseconds from the drop to the first painted row. */
  async drop(path: string): Promise<number> {
    await this.#watch("drop", "[role=treeitem]");
    const session = await this.page.context().newCDPSession(this.page);
    const data = { items: [], files: [path], dragOperationsMask: 1 };
    for (const type of ["dragEnter", "dragOver", "drop"] as const) {
      await session.send("Input.dispatchDragEvent", { type, x: 200, y: 200, data });
    }
    return this.#elapsed();
  }

  /** Opens the only tensor of a checkpoint that is served. Returns the milliseconds from the click to its first numbers. */
  async openTensor(folder: string, name: string): Promise<number> {
    await this.page.goto("about:blank");
    await this.page.goto(`${this.url}?served=${folder}#tensors`);
    const row = this.page.getByRole("treeitem", { name: new RegExp(`^${name}`) });
    await row.waitFor();
    await this.#watch("click", "[role=gridcell]");
    await row.click();
    return this.#elapsed();
  }

  /** Scrolls an element for two seconds. Returns the 95th percentile of the times between frames, in milliseconds. */
  async scroll(selector: string): Promise<string> {
    const frames = (await this.page.evaluate(scrolling(selector))) as number[];
    return (frames.sort((a, b) => a - b)[Math.floor(frames.length * 0.95)] as number).toFixed(1);
  }

  /** Returns the bytes that the badge counts. Within a page only; a new page starts at 0. */
  async bytesRead(): Promise<number> {
    const text = (await this.page.getByTitle("Read so far").textContent()) ?? "";
    const [, amount = "0", unit = "B"] = /([\d.]+) (\w+)$/.exec(text) ?? [];
    return Math.round(Number(amount) * 1024 ** ["B", "KiB", "MiB", "GiB"].indexOf(unit));
  }

  /** Returns the memory of the tab's process in MiB, without what it shares with others. */
  async memoryMib(): Promise<number> {
    const session = await this.browser.newBrowserCDPSession();
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    const sizes = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => proportionalKib(id));
    return Math.round(Math.max(...sizes) / 1024);
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.end();
  }

  /** Notes the times of an event, and of the first frame after an element is there. */
  async #watch(event: string, selector: string): Promise<void> {
    await this.page.evaluate(watching(event, selector));
  }

  async #elapsed(): Promise<number> {
    type Times = { readonly times: { readonly start: number; readonly end: number } };
    await this.page.waitForFunction(() => (window as unknown as Times).times.end > 0, undefined, { polling: 20 });
    return this.page.evaluate(() => {
      const { times } = window as unknown as Times;
      return times.end - times.start;
    });
  }
}

/** Finds an element in the shadow root of the viewer. */
const IN_VIEWER = 'document.getElementById("viewer").shadowRoot.querySelector';

// Scripts as text: the functions of this program call helpers of the compiler that a page does not have.

/** Returns a script that notes the times of an event, and of the first frame after an element is there. */
function watching(event: string, selector: string): string {
  return `
    window.times = { start: 0, end: 0 };
    addEventListener("${event}", () => { window.times.start = performance.now(); }, { capture: true, once: true });
    requestAnimationFrame(function look() {
      if (window.times.start === 0 || ${IN_VIEWER}("${selector}") === null) requestAnimationFrame(look);
      // What is there is painted in the frame that follows.
      else requestAnimationFrame(() => { window.times.end = performance.now(); });
    });`;
}

/** Returns a script that scrolls an element for two seconds, and returns the times between frames in milliseconds. */
function scrolling(selector: string): string {
  return `new Promise((resolve) => {
    const element = ${IN_VIEWER}("${selector}");
    const times = [];
    let last = performance.now();
    requestAnimationFrame(function step(now) {
      times.push(now - last);
      last = now;
      element.scrollTop += 120;
      if (times.length < 120) requestAnimationFrame(step);
      else resolve(times.slice(1));
    });
  })`;
}

function proportionalKib(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1]);
}
