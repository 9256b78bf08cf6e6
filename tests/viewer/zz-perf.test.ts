import { test } from "vitest";
import { startViewer } from "./browser.js";
import { addressOf, cellAt } from "./tensor/tensors.js";
const viewer = startViewer("/tmp/shots/data-QP1Y");
test("perf", async () => {
  for (let i = 0; i < 1; i++) {
    const page = await viewer.open(addressOf("m", "specials"));
    await page.getByText("checksum verified").waitFor();
    const ms = await page.evaluate(async () => {
      const root = document.querySelector("#viewer")!.shadowRoot!;
      const row = [...root.querySelectorAll("[role=treeitem]")].find((e) => e.textContent!.startsWith("big"))! as HTMLElement;
      const start = performance.now();
      row.click();
      for (;;) {
        await new Promise((r) => requestAnimationFrame(r));
        const c = root.querySelector('.tensor h2')?.textContent === "big" && root.querySelector(".grid-cell:not(.missing):not(.grid-head)");
        if (c && /\d/.test(c.textContent!) && root.querySelector(".checksum.verified")) { await new Promise((r) => setTimeout(r)); return performance.now() - start; }
      }
    });
    console.log("16MiB first numbers", Math.round(ms));
    await page.close();
  }
  for (const [prefix, tensor] of [["large", "large"], ["m", "big"]]) {
    const page = await viewer.open(addressOf(prefix!, tensor!));
    await cellAt(page, 0, 0).waitFor();
    await page.waitForTimeout(1000);
    for (const dy of [60, 600, 6000]) {
    const box = (await page.getByRole("grid").boundingBox())!;
    await page.mouse.move(box.x + 200, box.y + 200);
    const cdp = await page.context().newCDPSession(page); await cdp.send("Performance.enable");
    const metrics = async () => Object.fromEntries((await cdp.send("Performance.getMetrics")).metrics.map((m) => [m.name, m.value]));
    const before = await metrics();
    await page.evaluate(() => {
      const w = window as any; w.frames_ = []; w.run_ = true;
      let last = performance.now();
      const f = (t: number) => { w.frames_.push(t - last); last = t; if (w.run_) requestAnimationFrame(f); };
      requestAnimationFrame((t) => { last = t; requestAnimationFrame(f); });
    });
    for (let i = 0; i < 100; i++) { await page.mouse.wheel(0, dy!); await page.waitForTimeout(16); }
    const frames = await page.evaluate(() => { const w = window as any; w.run_ = false; return w.frames_ as number[]; });
    const after = await metrics();
    console.log("per frame ms", Object.fromEntries(["ScriptDuration","LayoutDuration","RecalcStyleDuration","TaskDuration"].map((n) => [n, ((after[n]! - before[n]!) * 1000 / frames.length).toFixed(2)])));
    frames.sort((a, b) => a - b);
    console.log(prefix, dy, "frames", frames.length, "p50", frames[frames.length >> 1], "p95", frames[Math.floor(frames.length * 0.95)], "max", frames.at(-1));
    }
    const mem = await page.evaluate(() => (performance as any).memory?.usedJSHeapSize);
    console.log("heap", mem);
    await page.close();
  }
}, 120000);
