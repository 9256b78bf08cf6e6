import { createRequire } from "node:module";
import { dirname } from "node:path";
import type { Page } from "playwright";
import { expect, test } from "vitest";
import type { Tab } from "../../packages/tfjs/test/backends-page.js";
import { root } from "../workspace.js";
import { startTabs } from "./tabs.js";

const backend = createRequire(`${root}/packages/tfjs/package.json`).resolve("@tensorflow/tfjs-backend-wasm");
const tabs = startTabs<Tab>("../../packages/tfjs/test/backends-page.ts", dirname(backend));

/** Returns the bytes of JavaScript's heap, and of the memory of buffers, that are in use. */
async function usedMemory(page: Page): Promise<number> {
  const devtools = await page.context().newCDPSession(page);
  for (let i = 0; i < 2; i++) await devtools.send("HeapProfiler.collectGarbage");
  const { usedSize, ...rest } = await devtools.send("Runtime.getHeapUsage");
  await devtools.detach();
  return usedSize + ((rest as { backingStorageSize?: number }).backingStorageSize ?? 0);
}

test.each(["cpu", "wasm", "webgl"] as const)(
  "a page restores 200 times into the same model on %s without more tensors, operations or memory",
  async (name) => {
    const site = await tabs.site();
    const { page, call } = await site.open();
    expect(await call("start", name)).toBe(name);
    await call("restore", 60);
    const before = { memory: await usedMemory(page), counts: await call("counts") };
    await call("restore", 200);
    const after = { memory: await usedMemory(page), counts: await call("counts") };
    expect(after.counts).toEqual(before.counts);
    expect(await call("difference")).toBeLessThan(1e-6);
    expect(after.memory - before.memory).toBeLessThan(1_000_000);
  },
);
