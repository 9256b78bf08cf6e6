import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { preparePython } from "../../python.js";
import type { Measured } from "../side.js";
import { startTfsaver } from "../side.js";
import type { Workload } from "../workload.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const TENSORS = 100;
const LEAN = `${root}tools/bench/python/lean_reader.py`;

/** Lists a checkpoint of 100 tensors from a shell, in a new process each time. */
export const cold: Workload = async (bench) => {
  const prefix = join(bench.folder, "model");
  const ours = startTfsaver();
  await ours.ask("writeMany", { prefix, entries: TENSORS });
  await ours.close();
  await bench.compare({
    workload: "cold",
    what: "list from a shell",
    bars: { TensorFlow: 20, "node, nothing else": 1 / 1.6 },
    contestants: {
      tfsaver: () => run([process.execPath, `${root}packages/cli/bin/tfckpt.js`, "ls", prefix]),
      [bench.rival.name]: () => run(bench.rival.list(prefix)),
      "lean Python": () => run([preparePython("bench"), LEAN, prefix]),
      "node, nothing else": () => run([process.execPath, "--eval", ""], 0),
    },
  });
};

/** Times a command. It must print `lines` lines that name a tensor. */
async function run([command = "", ...args]: readonly string[], lines = TENSORS): Promise<Measured> {
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: "3", CUDA_VISIBLE_DEVICES: "" };
  const start = performance.now();
  const { stdout } = await promisify(execFile)(command, args, { env });
  const seconds = (performance.now() - start) / 1000;
  const named = stdout.split("\n").filter((line) => line.includes("/kernel_")).length;
  if (named !== lines) throw new Error(`${args[0]} listed ${named} tensors, expected ${lines}`);
  return { seconds, extraBytes: Number.NaN };
}
