import { join } from "node:path";
import { FileServer } from "../file-server.js";
import { Page } from "../page.js";
import { startTfsaver } from "../side.js";
import type { Workload } from "../workload.js";

const FULL = { entries: 20_000, count: 16, bytes: 16 << 20 };
const QUICK = { entries: 300, count: 3, bytes: 4000 };

/** Lists and reads over HTTP, in a page and in Node.js. */
export const browser: Workload = async (bench) => {
  const { entries, count, bytes } = bench.quick ? QUICK : FULL;
  const ours = startTfsaver();
  const server = await FileServer.start(bench.folder);
  const page = await Page.open(server.url);
  try {
    await ours.ask("writeMany", { prefix: join(bench.folder, "many"), entries });
    await ours.ask("writeHollow", { prefix: join(bench.folder, "big"), count, bytes });
    const many = { base: server.url, prefix: "many", tensors: entries };
    const big = { base: server.url, prefix: "big", tensors: count };
    for (const [what, method, remote] of [
      [`list ${entries} entries over HTTP`, "listRemote", many],
      [`read ${count} tensors of ${bytes} bytes over HTTP`, "readRemote", big],
    ] as const) {
      await bench.compare({
        workload: "browser",
        what,
        contestants: {
          "in Chromium": () => page.measure(method, remote),
          "in Node.js": () => ours.ask(method, remote),
        },
      });
    }
  } finally {
    await Promise.all([ours.close(), server.close(), page.close()]);
  }
};
