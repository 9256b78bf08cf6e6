import { join } from "node:path";
import { removeAll, requireSameFiles } from "../files.js";
import { type Measured, requireSameValues, startPython, startTfsaver } from "../side.js";
import { bytesOf, type VariablesSpec } from "../variables.js";
import type { Workload } from "../workload.js";

/** Options of a workload of large tensors. */
export interface TensorsOptions {
  readonly workload: string;
  readonly full: VariablesSpec;
  readonly quick: VariablesSpec;
  /** Smallest speed of saving and restoring, as a multiple of TensorFlow's. */
  readonly bars?: { readonly save: number; readonly restore: number };
  /** True to let safetensors write and read the same tensors too. That takes more memory. */
  readonly safetensors?: boolean;
}

/** Saves and restores a few large tensors, where the number of bytes decides. */
export function tensors({ workload, full, quick, bars, safetensors = false }: TensorsOptions): Workload {
  return async (bench) => {
    const spec = bench.quick ? quick : full;
    const size = bytesOf(spec);
    const [ours, theirs, others] = [startTfsaver(), startPython(), startPython()];
    /** Subtracts the size of the restored tensors, which every contestant needs. */
    const withoutVariables = (measured: Measured): Measured => ({
      ...measured,
      extraBytes: measured.extraBytes - size,
    });
    const at = (name: string) => join(bench.folder, name);
    try {
      for (const side of [ours, theirs]) {
        await side.ask("build", spec);
        await side.ask("saver", { sharded: spec.devices > 0 });
      }
      if (safetensors) await others.ask("buildSafetensors", spec);
      // The files of the previous round are removed first, since replacing them takes time.
      const anew = <T>(name: string, save: () => Promise<T>) => {
        removeAll(bench.folder, name);
        return save();
      };
      await bench.compare({
        workload,
        what: "save",
        bar: bars?.save,
        contestants: {
          tfsaver: () => anew("ours", () => ours.ask("save", { prefix: at("ours") })),
          TensorFlow: () => anew("theirs", () => theirs.ask("save", { prefix: at("theirs") })),
          "the limit": () => anew("limit", () => others.ask("writeLimit", { path: at("limit"), size })),
          ...(safetensors && {
            safetensors: () => anew("safetensors", () => others.ask("saveSafetensors", { path: at("safetensors") })),
          }),
        },
      });
      requireSameFiles(bench.folder, "ours", "theirs");
      if (safetensors) await others.ask("forgetSafetensors");
      await bench.compare({
        workload,
        what: "restore",
        bar: bars?.restore,
        // Each side reads the files of the other.
        contestants: {
          tfsaver: async () => {
            await ours.ask("forget");
            return withoutVariables(await ours.ask("restore", { prefix: at("theirs") }));
          },
          TensorFlow: async () => {
            await theirs.ask("forget");
            return withoutVariables(await theirs.ask("restore", { prefix: at("ours") }));
          },
          "the limit": () => others.ask("readLimit", { path: at("limit"), size }),
          "the limit, into new memory": async () =>
            withoutVariables(await others.ask("readLimit", { path: at("limit"), size, keep: true })),
          ...(safetensors && {
            safetensors: async () => {
              await others.ask("forgetSafetensors");
              return withoutVariables(await others.ask("loadSafetensors", { path: at("safetensors") }));
            },
          }),
        },
      });
      await requireSameValues(ours, theirs);
      // TensorFlow never flushes; this library does by default.
      await ours.ask("useFsync", { prefix: at("theirs") });
      await bench.compare({
        workload,
        what: "save and fsync",
        contestants: { tfsaver: () => anew("ours", () => ours.ask("save", { prefix: at("ours") })) },
      });
    } finally {
      await Promise.all([ours, theirs, others].map((side) => side.close()));
    }
  };
}
