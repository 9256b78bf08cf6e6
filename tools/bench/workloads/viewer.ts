import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { makeTensor } from "@tfsaver/core";
import { NodeStorage } from "@tfsaver/storage/node";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { writeLargeTensor, writeManyTensors } from "../../../tests/viewer/checkpoints.js";
import { ViewerTab } from "../viewer-tab.js";
import type { Workload } from "../workload.js";

const FULL = { few: 10_000, many: 200_000, rows: 40_960, rounds: 5 };
const QUICK = { few: 100, many: 1000, rows: 400, rounds: 1 };
/** Columns of the tensors, so that a row has 128 KiB. */
const COLUMNS = 32_768;

/** Opens checkpoints in the built viewer, in Chromium and over loopback, and compares with the bars of the viewer. */
export const viewer: Workload = async (bench) => {
  const { few, many, rows, rounds } = bench.quick ? QUICK : FULL;
  const [small, large, medium, huge] = ["few", "many", "medium", "huge"].map((name) => join(bench.folder, name));
  await writeManyTensors(small as string, few);
  await writeManyTensors(large as string, many);
  await writeMedium(medium as string);
  await writeLargeTensor(huge as string, "huge.ckpt-1", [rows, COLUMNS]);
  const lines: string[] = [];
  const add = (what: string, measured: string, bar: string) => lines.push(`| ${what} | ${measured} | ${bar} |`);
  const repeat = async (what: string, bar: string, measure: (tab: ViewerTab) => Promise<number>) => {
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const tab = await ViewerTab.open(bench.folder);
      try {
        times.push(await measure(tab));
      } finally {
        await tab.close();
      }
    }
    const [median, worst] = [times.sort((a, b) => a - b)[times.length >> 1] as number, times.at(-1) as number];
    add(what, `${median.toFixed(0)} ms, at most ${worst.toFixed(0)} ms`, bar);
  };
  await repeat(`a drop of ${few} tensors to its list`, "300 ms", (tab) => tab.drop(small as string));
  await repeat(`a drop of ${many} tensors to its list`, "2 s", (tab) => tab.drop(large as string));
  await repeat("a tensor of 16 MiB to its first numbers, verified", "200 ms", (tab) =>
    tab.openTensor("medium", "kernel"),
  );
  const tab = await ViewerTab.open(bench.folder);
  try {
    await tab.drop(large as string);
    add(`frames while ${many} rows scroll, 95th percentile`, `${await tab.scroll("[role=tree]")} ms`, "20 ms");
  } finally {
    await tab.close();
  }
  const other = await ViewerTab.open(bench.folder);
  try {
    await other.openTensor("huge", "large");
    add("bytes to list and open a tensor of 5 GiB", (await other.bytesRead()).toLocaleString("en"), "1,048,576");
    add("frames while its grid scrolls, 95th percentile", `${await other.scroll("[role=grid]")} ms`, "20 ms");
    add("memory of the tab with it open", `${await other.memoryMib()} MiB`, "300 MiB");
  } finally {
    await other.close();
  }
  bench.note(["| viewer | measured | bar |", "| --- | --- | --- |", ...lines].join("\n"));
};

async function writeMedium(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const writer = new BundleWriter(join(folder, "medium.ckpt-1"), { storage: new NodeStorage({ fsync: false }) });
  const data = new Float32Array((16 << 20) / 4).map((_, i) => Math.sin(i));
  await writer.add("kernel", makeTensor("float32", [2048, 2048], data));
  await writer.finish();
}
