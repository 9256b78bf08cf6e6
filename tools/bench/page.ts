import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type Browser, chromium, type Page as Tab } from "playwright";
import { CHROMIUM_ARGS, findChromium } from "../chromium.js";
import type { Measured } from "./side.js";
import type { listRemote, Remote, readRemote } from "./tfsaver/remote.js";

declare global {
  var remote: { readonly listRemote: typeof listRemote; readonly readRemote: typeof readRemote };
}

/** Runs this library in a page of Chromium. */
export class Page {
  private constructor(
    private readonly browser: Browser,
    private readonly tab: Tab,
  ) {}

  /** @param url - a page of the same origin as the checkpoints */
  static async open(url: string): Promise<Page> {
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(new URL("tfsaver/remote.ts", import.meta.url))],
      bundle: true,
      write: false,
      minify: true,
      format: "iife",
      globalName: "remote",
      target: "es2022",
      platform: "browser",
    });
    const browser = await chromium.launch({ executablePath: findChromium(), args: CHROMIUM_ARGS });
    const tab = await browser.newPage();
    await tab.goto(url);
    await tab.addScriptTag({ content: outputFiles[0]?.text ?? "" });
    return new Page(browser, tab);
  }

  /** Times a function of `tfsaver/remote.ts` in the page. */
  async measure(method: keyof typeof globalThis.remote, params: Remote): Promise<Measured> {
    const seconds = await this.tab.evaluate(
      async ([method, params]) => {
        const start = performance.now();
        await globalThis.remote[method](params);
        return (performance.now() - start) / 1000;
      },
      [method, params] as const,
    );
    return { seconds, extraBytes: Number.NaN };
  }

  async close(): Promise<void> {
    await this.browser.close();
  }
}
