import { diagnoseCheckpoint } from "@tfsaver/checkpoint-reader";
import {
  type CheckpointReport,
  type FolderReport,
  formatBytes,
  formatCount,
  type ListedReport,
  verifyCheckpoint,
  verifyCheckpoints,
} from "@tfsaver/checkpoint-tools";
import { basename } from "@tfsaver/storage";
import type { Context } from "../context.js";
import { ExitCode, NotThereError, oneLine } from "../errors.js";
import { find, isFolder } from "../find.js";
import type { JsonOption } from "../output/json.js";
import { printable } from "../output/printable.js";
import { withProgress } from "../output/progress.js";

/** So many problems of each checkpoint in a folder are shown. */
const SHOWN = 3;

/** `tfckpt verify`: one line for everything that is wrong, and one that sums up. */
export async function verify(path: string, { json = false }: JsonOption, context: Context): Promise<void> {
  if (await isFolder(path, context)) return verifyFolder(path, json, context);
  const { stdout, stderr, storage } = context;
  const prefix = await find(path, context);
  const report = await withProgress("verify", context, ({ update }) =>
    verifyCheckpoint(prefix, { storage, onProgress: update }),
  );
  // Set first, so that a reader that goes away does not make a bad checkpoint a good one.
  if (!report.good) context.exitCode = ExitCode.bad;
  if (json) return stdout.line(JSON.stringify(report, undefined, 2));
  if (report.good) return stdout.line(`${prefix}: ${sound(report)}: every checksum is right`);
  for (const problem of report.problems) await stdout.line(problemLine(problem));
  const problems = formatCount(report.problems.length, "problem");
  await stderr.line(`tfckpt: ${oneLine(prefix)} is damaged: ${problems}; whole: ${sound(report)}`);
  await context.explain(prefix, true);
}

/** A line for each checkpoint of a folder, oldest first; those of its problems behind it. */
async function verifyFolder(folder: string, json: boolean, context: Context): Promise<void> {
  const { stdout, stderr, storage } = context;
  const report = await withProgress("verify", context, ({ update, clear }) =>
    verifyCheckpoints(folder, {
      storage,
      onProgress: update,
      onReport: async (checkpoint) => {
        clear();
        if (!checkpoint.good) context.exitCode = ExitCode.bad;
        if (!json) for (const line of await linesOf(checkpoint, context)) await stdout.line(line);
      },
    }),
  );
  if (report.checkpoints.length === 0) throw new NotThereError(`No checkpoint in ${folder}`);
  if (!report.good) context.exitCode = ExitCode.bad;
  if (json) return stdout.line(JSON.stringify(report, undefined, 2));
  for (const problem of report.problems) await stdout.line(problemLine(problem));
  await stdout.line(`newest good checkpoint: ${printable(report.newestGood ?? "none")}`);
  if (!report.good) await stderr.line(`tfckpt: ${oneLine(summary(report))}`);
}

/** What is known of a checkpoint: if it is damaged, where and why, as far as that fits among others. */
async function linesOf(report: ListedReport, { storage }: Context): Promise<string[]> {
  const { prefix, format, good, inState, problems } = report;
  const about = `${printable(basename(prefix))}  ${format}, ${sound(report)}${inState ? "" : ", not in the state file"}`;
  if (good) return [`good     ${about}`];
  const findings = await diagnoseCheckpoint(prefix, { storage }).catch(() => []);
  const left = problems.length - SHOWN;
  return [
    `damaged  ${about}`,
    ...findings.map(({ message }) => `  ${oneLine(message)}`),
    ...problems.slice(0, SHOWN).map((problem) => `  ${problemLine(problem)}`),
    ...(left > 0 ? [`  and ${left} more, which tfckpt verify ${printable(prefix)} lists`] : []),
  ];
}

function summary({ folder, checkpoints, problems }: FolderReport): string {
  const damaged = checkpoints.filter(({ good }) => !good).length;
  const state = problems.length === 0 ? "" : "; the state file can't be used: tfckpt repair-state makes it anew";
  return `${folder}: ${damaged} of ${formatCount(checkpoints.length, "checkpoint")} damaged${state}`;
}

function sound({ tensors, bytes }: CheckpointReport): string {
  return `${formatCount(tensors, "tensor")}, ${formatBytes(bytes)}`;
}

/** `file:offset: tensor: what is wrong`, as compilers print errors. */
function problemLine({ path, offset, tensor, message }: CheckpointReport["problems"][number]): string {
  const place = offset === undefined ? path : `${path}:${offset}`;
  // Most messages begin with the file, which is in its place already.
  const what = message.startsWith(`${path}: `) ? message.slice(path.length + 2) : message;
  return `${[place, ...(tensor === undefined ? [] : [printable(tensor)])].map(oneLine).join(": ")}: ${oneLine(what)}`;
}
