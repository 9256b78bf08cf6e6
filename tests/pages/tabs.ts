import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type BrowserContext, chromium, type Page } from "playwright";
import { afterAll, beforeAll } from "vitest";
import { CHROMIUM_ARGS, findChromium } from "../../tools/chromium.js";
import { temporaryFolder } from "../viewer/temporary-folder.js";

/** The functions that a script puts into the global `tab`. */
type Functions = Readonly<Record<string, (...given: never[]) => unknown>>;

/** A tab that runs a script. */
interface TestTab<Tab extends Functions> {
  readonly page: Page;
  /** Calls a function of the script. */
  call<Name extends keyof Tab>(name: Name, ...given: Parameters<Tab[Name]>): Promise<Awaited<ReturnType<Tab[Name]>>>;
}

/** A site with private files of its own. */
export interface Site<Tab extends Functions> {
  readonly origin: string;
  open(): Promise<TestTab<Tab>>;
}

/**
 * Starts a Chromium that keeps private files on the disk, before the tests of a file.
 *
 * @param source - a script that all tabs run, relative to this file
 * @param folder - a folder whose files the sites also serve
 */
export function startTabs<Tab extends Functions>(source: string, folder?: string): { site(): Promise<Site<Tab>> } {
  const profile = temporaryFolder();
  const servers: ReturnType<typeof createServer>[] = [];
  let script: string;
  let browser: BrowserContext;
  beforeAll(async () => {
    const entry = fileURLToPath(new URL(source, import.meta.url));
    const built = await build({
      ...{ entryPoints: [entry], bundle: true, write: false, format: "esm", target: "es2022", platform: "browser" },
      conditions: ["@tfsaver/source"],
    });
    script = built.outputFiles[0]?.text ?? "";
    browser = await chromium.launchPersistentContext(profile, { executablePath: findChromium(), args: CHROMIUM_ARGS });
  });
  afterAll(async () => {
    await browser?.close();
    for (const server of servers) server.close();
  });
  return {
    /** Another port is another origin. */
    site: async () => {
      const server = createServer((request, response) => {
        const file = basename(request.url ?? "");
        const isScript = file === "page.js";
        response.setHeader("Content-Type", TYPES[extname(file)] ?? "text/html");
        if (folder !== undefined && existsSync(join(folder, file)) && file !== "")
          response.end(readFileSync(join(folder, file)));
        else response.end(isScript ? script : '<!doctype html><script type="module" src="page.js"></script>');
      });
      servers.push(server);
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      return { origin, open: () => openTab(browser, origin) };
    },
  };
}

const TYPES: Readonly<Record<string, string>> = { ".js": "text/javascript", ".wasm": "application/wasm" };

async function openTab<Tab extends Functions>(browser: BrowserContext, origin: string): Promise<TestTab<Tab>> {
  const page = await browser.newPage();
  await page.goto(origin);
  return {
    page,
    call: (name, ...given) =>
      page.evaluate(
        ([method, values]) => {
          const { tab } = globalThis as unknown as { tab: Record<string, (...values: unknown[]) => unknown> };
          return tab[method]?.(...values);
        },
        [name, given] as [string, unknown[]],
      ) as never,
  };
}
