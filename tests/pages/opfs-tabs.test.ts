import { expect, test } from "vitest";
import type { Tab } from "./opfs-page.js";
import { startTabs } from "./tabs.js";

const tabs = startTabs<Tab>("opfs-page.ts");

test("two tabs that save to one folder lose no checkpoint", async () => {
  const site = await tabs.site();
  const [one, two] = [await site.open(), await site.open()];
  const odd = [1, 3, 5, 7, 9, 11];
  const even = [2, 4, 6, 8, 10, 12];
  const errors = await Promise.all([
    one.call("save", "run/m", odd, { steps: true }),
    two.call("save", "run/m", even, { steps: true }),
  ]);
  expect(errors).toEqual([[], []]);
  expect(new Set(await one.call("list"))).toEqual(new Set([...odd, ...even].map((step) => `run/m-${step}`)));
  for (const step of [...odd, ...even]) expect(await two.call("read", `run/m-${step}`)).toEqual([step]);
});

test("two tabs that save to one path write one after another, and a third one always reads a whole checkpoint", async () => {
  const site = await tabs.site();
  const [one, two, three] = [await site.open(), await site.open(), await site.open()];
  // More than what is read when a file is opened.
  const size = 100_000;
  expect(await one.call("save", "run/m", [1], { size })).toEqual([]);
  const seen = three.call("watch", "run/m");
  const errors = await Promise.all([
    one.call("save", "run/m", [11, 12, 13, 14, 15], { size }),
    two.call("save", "run/m", [21, 22, 23, 24, 25], { size }),
  ]);
  await three.call("end");
  expect(errors).toEqual([[], []]);
  const contents = (await seen).map(Number);
  expect(contents.length).toBeGreaterThan(1);
  expect(contents.filter((value) => ![1, 11, 12, 13, 14, 15, 21, 22, 23, 24, 25].includes(value))).toEqual([]);
  expect([15, 25]).toContain((await two.call("read", "run/m"))[0]);
});

test("a tab that is closed in the middle of a save leaves the old checkpoint or the new one, and the next save begins at once", async () => {
  const site = await tabs.site();
  const other = await site.open();
  const size = 1_000_000;
  for (const milliseconds of [20, 60, 100, 150, 220]) {
    const prefix = `run/m${milliseconds}`;
    expect(await other.call("save", prefix, [1], { size })).toEqual([]);
    const closed = await site.open();
    const values = Array.from({ length: 100 }, (_, i) => i + 2);
    const ended = closed.call("save", prefix, values, { size }).then(
      () => "saved",
      () => "closed",
    );
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    await closed.page.close();
    expect(await ended).toBe("closed");
    const found = await other.call("read", prefix);
    expect(found, `closed after ${milliseconds} ms`).toHaveLength(1);
    expect([1, ...values]).toContain(found[0]);
    const start = performance.now();
    expect(await other.call("save", prefix, [7], { size })).toEqual([]);
    expect(performance.now() - start, `closed after ${milliseconds} ms: wait of the next save`).toBeLessThan(5000);
    expect(await other.call("read", prefix)).toEqual([7]);
  }
});

test("a save without space says how much is used, and leaves the earlier checkpoint", async () => {
  const site = await tabs.site();
  const { page, call } = await site.open();
  expect(await call("save", "run/m", [1])).toEqual([]);
  const devtools = await page.context().newCDPSession(page);
  const limit = (quotaSize?: number) =>
    devtools.send("Storage.overrideQuotaForOrigin", { origin: site.origin, ...(quotaSize && { quotaSize }) });
  await limit(1_000_000);
  for (const prefix of ["run/m", "run/other"]) {
    const [error, ...others] = await call("save", prefix, [2], { size: 2_000_000 });
    expect(error).toMatch(
      /^ResourceExhaustedError: run\/\S+; No space left .* uses [\d.]+ MB of the [\d.]+ MB .*maxToKeep/s,
    );
    expect(others).toEqual([]);
  }
  expect(await call("read", "run/m")).toEqual([1]);
  expect(await call("list")).toEqual(["run/m"]);
  await limit();
  expect(await call("save", "run/m", [3], { size: 2_000_000 })).toEqual([]);
  expect(await call("read", "run/m")).toEqual([3]);
});
