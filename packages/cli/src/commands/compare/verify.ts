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
import type { Context } from "../../context.js";
import { ExitCode, NotThereError, oneLine } from "../../errors.js";
import { find, isFolder } from "../../find.js";
import type { JsonOption } from "../../output/json.js";
import { printable } from "../../output/printable.js";
import { withProgress } from "../../output/progress.js";

/** Maximum number of problems to print for each checkpoint of a folder. */
const SHOWN = 3;

/** `tfckpt verify`: prints one line for each problem, and a summary. */
export async function verify(path: string, { json = false }: JsonOption, context: Context): Promise<void> {
  if (await isFolder(path, context)) return verifyFolder(path, json, context);
  const { stdout, stderr, storage, signal } = context;
  const prefix = await find(path, context);
  const report = await withProgress("verify", context, ({ update }) =>
    verifyCheckpoint(prefix, { storage, signal, onProgress: update }),
  );
  // Set before printing, because a broken pipe ends the command.
  if (!report.good) context.exitCode = ExitCode.bad;
  if (json) return stdout.json(report);
  if (report.good) return stdout.line(`${printable(prefix)}: ${sound(report)}: all checksums match`);
  for (const problem of report.problems) await stdout.line(problemLine(problem));
  const problems = formatCount(report.problems.length, "problem");
  await stderr.line(`tfckpt: ${oneLine(prefix)} is damaged: ${problems}; intact: ${sound(report)}`);
  const said = report.problems.map(({ message }) => message);
  await context.sayMore(await context.explain(prefix, true, said));
}

/** Prints a line for each checkpoint of a folder, oldest first, followed by its problems. */
async function verifyFolder(folder: string, json: boolean, context: Context): Promise<void> {
  const { stdout, stderr, storage, signal } = context;
  const report = await withProgress("verify", context, ({ update, clear }) =>
    verifyCheckpoints(folder, {
      storage,
      signal,
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
  if (json) return stdout.json(report);
  for (const problem of report.problems) await stdout.line(problemLine(problem));
  await stdout.line(`newest good checkpoint: ${printable(report.newestGood ?? "none")}`);
  if (!report.good) await stderr.line(`tfckpt: ${oneLine(summary(report))}`);
}

/** Formats one line for a checkpoint and, if it is damaged, the probable cause and up to {@link SHOWN} problems. */
async function linesOf(report: ListedReport, { storage, signal }: Context): Promise<string[]> {
  const { prefix, format, good, inState, problems } = report;
  const about = `${printable(basename(prefix))}  ${format}, ${sound(report)}${inState ? "" : ", not in the state file"}`;
  if (good) return [`good     ${about}`];
  const said = problems.map(({ message }) => message);
  const diagnosed = await diagnoseCheckpoint(prefix, { storage, signal }).catch(() => []);
  const findings = diagnosed.filter(({ message }) => !said.includes(message));
  const left = problems.length - SHOWN;
  return [
    `damaged  ${about}`,
    ...findings.map(({ message }) => `  ${oneLine(message)}`),
    ...problems.slice(0, SHOWN).map((problem) => `  ${problemLine(problem)}`),
    ...(left > 0 ? [`  and ${left} more: run tfckpt verify ${printable(prefix)}`] : []),
  ];
}

function summary({ folder, checkpoints, problems }: FolderReport): string {
  const damaged = checkpoints.filter(({ good }) => !good).length;
  const state = problems.length === 0 ? "" : "; the state file is damaged: tfckpt repair-state rebuilds it";
  return `${folder}: ${damaged} of ${formatCount(checkpoints.length, "checkpoint")} damaged${state}`;
}

function sound({ tensors, bytes }: CheckpointReport): string {
  return `${formatCount(tensors, "tensor")}, ${formatBytes(bytes)}`;
}

/** Formats a problem as compilers format errors: `file:offset: tensor: message`. */
function problemLine({ path, offset, tensors = [], message }: CheckpointReport["problems"][number]): string {
  if (message.startsWith(`${path} `)) return oneLine(message);
  const place = offset === undefined ? path : `${path}:${offset}`;
  // Most messages begin with the file, which the line already names.
  const what = message.startsWith(`${path}: `) ? message.slice(path.length + 2) : message;
  return `${[place, ...tensors.map(printable)].map(oneLine).join(": ")}: ${oneLine(what)}`;
}
