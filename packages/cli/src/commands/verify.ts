import { type CheckpointReport, formatBytes, formatCount, verifyCheckpoint } from "@tfsaver/checkpoint-tools";
import type { Context } from "../context.js";
import { ExitCode, oneLine } from "../errors.js";
import { find } from "../find.js";
import { printable } from "../printable.js";
import { withProgress } from "../progress.js";

/** `tfckpt verify`: one line for everything that is wrong, and one that sums up. */
export async function verify(path: string, context: Context): Promise<void> {
  const { stdout, stderr, storage } = context;
  const prefix = await find(path, context);
  const report = await withProgress("verify", context, ({ update }) =>
    verifyCheckpoint(prefix, { storage, onProgress: update }),
  );
  const sound = `${formatCount(report.tensors, "tensor")}, ${formatBytes(report.bytes)}`;
  if (report.good) return stdout.line(`${prefix}: ${sound}: every checksum is right`);
  // Set first, so that a reader that goes away does not make a bad checkpoint a good one.
  context.exitCode = ExitCode.bad;
  for (const problem of report.problems) await stdout.line(problemLine(problem));
  await stderr.line(`tfckpt: ${prefix} is damaged: ${formatCount(report.problems.length, "problem")}; whole: ${sound}`);
}

/** `file:offset: tensor: what is wrong`, as compilers print errors. */
function problemLine({ path, offset, tensor, message }: CheckpointReport["problems"][number]): string {
  const place = offset === undefined ? path : `${path}:${offset}`;
  // Most messages begin with the file, which is in its place already.
  const what = message.startsWith(`${path}: `) ? message.slice(path.length + 2) : message;
  return `${[place, ...(tensor === undefined ? [] : [printable(tensor)])].join(": ")}: ${oneLine(what)}`;
}
