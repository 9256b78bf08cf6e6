import { join } from "node:path";
import { removeAll, requireSameFiles } from "../files.js";
import { type Measured, requireSameValues, type Side, startPython, startTfsaver } from "../side.js";
import { bytesOf, type VariablesSpec } from "../variables.js";
import type { Workload } from "../workload.js";

/** The smallest multiples of this library's time that are good enough, by contestant. */
type Bars = Readonly<Record<string, number>>;

/** Options of a workload of large tensors. */
export interface TensorsOptions {
  readonly workload: string;
  readonly full: VariablesSpec;
  readonly quick: VariablesSpec;
  readonly bars: { readonly save: Bars; readonly restoreAnew: Bars; readonly restoreAgain: Bars };
  /** True to let safetensors write and read the same tensors too. That takes more memory. */
  readonly safetensors?: boolean;
}

/** Saves and restores a few large tensors, where the number of bytes decides. */
export function tensors({ workload, full, quick, bars, safetensors = false }: TensorsOptions): Workload {
  return async (bench) => {
    const { rival } = bench;
    const spec = bench.quick ? quick : full;
    const size = bytesOf(spec);
    const sharded = spec.devices > 0;
    const [ours, theirs, others] = [startTfsaver(), rival.start(), startPython()];
    /** Subtracts the size of the restored tensors, which every contestant needs. */
    const withoutVariables = (measured: Measured): Measured => ({
      ...measured,
      extraBytes: measured.extraBytes - size,
    });
    const at = (name: string) => join(bench.folder, name);
    /** Restores into variables without values, in a new process. */
    const restoreAnew = async (start: () => Side, prefix: string): Promise<Measured> => {
      const side = start();
      try {
        await side.ask("prepare", spec);
        await side.ask("saver", { sharded });
        return withoutVariables(await side.ask("restore", { prefix }));
      } finally {
        await side.close();
      }
    };
    try {
      for (const side of [ours, theirs]) {
        await side.ask("build", spec);
        await side.ask("saver", { sharded });
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
        bars: bars.save,
        contestants: {
          tfsaver: () => anew("ours", () => ours.ask("save", { prefix: at("ours") })),
          [rival.name]: () => anew("theirs", () => theirs.ask("save", { prefix: at("theirs") })),
          "a plain write": () => anew("plain", () => others.ask("writePlainly", { path: at("plain"), size })),
          "the limit": () => anew("limit", () => others.ask("writeLimit", { path: at("limit"), size })),
          ...(safetensors && {
            safetensors: () => anew("safetensors", () => others.ask("saveSafetensors", { path: at("safetensors") })),
          }),
        },
      });
      removeAll(bench.folder, "plain");
      requireSameFiles(bench.folder, "ours", "theirs");
      if (safetensors) await others.ask("forgetSafetensors");
      // Each side reads the files of the other.
      await bench.compare({
        workload,
        what: "restore over values",
        bars: bars.restoreAgain,
        contestants: {
          tfsaver: async () => ours.ask("restore", { prefix: at("theirs") }),
          [rival.name]: async () => theirs.ask("restore", { prefix: at("ours") }),
          "the limit": () => others.ask("readLimit", { path: at("limit"), size }),
        },
      });
      await requireSameValues(ours, theirs);
      await bench.compare({
        workload,
        what: "restore in a new process",
        bars: bars.restoreAnew,
        contestants: {
          tfsaver: () => restoreAnew(startTfsaver, at("theirs")),
          [rival.name]: () => restoreAnew(rival.start, at("ours")),
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
