import { isCheckpointError } from "@tfsaver/core";
import type { Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { CommanderError } from "commander";
import type { Context } from "./context.js";
import { ExitCode, exitCodeOf, explanationOf, messageOf, oneLine, UsageError } from "./errors.js";
import { interruptCode, waitUnlessInterrupted } from "./interrupts.js";
import { BrokenPipe, type Io, Output } from "./output/output.js";
import { buildProgram } from "./program/program.js";
import { namesBucket, UrlStorage } from "./url-storage.js";

/** Runs `tfckpt` with its arguments. Never throws: an error becomes one line on standard error and an exit code. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  const { signal = new AbortController().signal } = io;
  const stderr = new Output(io.stderr);
  // A closed standard error must not stop the command.
  const say = (text: string) => stderr.line(text).catch(() => undefined);
  const storage = new UrlStorage(io.storage ?? defaultStorage());
  const context: Context = {
    stdout: new Output(io.stdout, signal),
    stderr,
    storage,
    signal,
    exitCode: ExitCode.good,
    subject: undefined,
    explain: async (prefix, isDamaged, said) => {
      // Loaded only after an error.
      const { explainCheckpoint } = await import("@tfsaver/kept-checkpoints");
      const { sentences, more } = await explainCheckpoint(prefix, { storage, isDamaged, signal });
      for (const line of sentences) {
        if (!said.some((message) => message.includes(line))) await say(`tfckpt: ${oneLine(line)}`);
      }
      if (await isConvertible(prefix, storage))
        await say(
          `tfckpt: tfckpt convert makes a checkpoint of ${oneLine(prefix)}, and tfckpt view shows what is in it.`,
        );
      return more;
    },
    sayMore: async (page) => {
      if (page !== undefined) await say(`tfckpt: More: ${page}`);
    },
    onWarning: (message) => void say(`tfckpt: warning: ${oneLine(message)}`),
  };
  try {
    if (argv.some(namesBucket)) await storage.openBuckets();
    await waitUnlessInterrupted(runProgram(argv, context), signal);
    return context.exitCode;
  } catch (error) {
    if (error instanceof BrokenPipe) return context.exitCode;
    if (signal.aborted) {
      const isExpected = isCheckpointError(error, "CancelledError");
      await say(isExpected ? "tfckpt: interrupted" : `tfckpt: interrupted: ${messageOf(error)}`);
      return interruptCode(signal);
    }
    const subject = error instanceof UsageError ? undefined : context.subject;
    const explain = async () => {
      const said = [error instanceof Error ? error.message : ""];
      if (subject === undefined) return undefined;
      return context.explain(subject, isCheckpointError(error, "DataLossError"), said);
    };
    // The error of a file of another format only says that it is no checkpoint, so the explanation comes first.
    const isForeign = subject !== undefined && (await isConvertible(subject, storage));
    const first = isForeign ? await explain() : undefined;
    await say(`tfckpt: ${messageOf(error)}`);
    if (argv.includes("--debug") && error instanceof Error) {
      for (const line of withCauses(error).split("\n")) await say(line);
    }
    const more = isForeign ? first : await explain();
    await context.sayMore(more ?? explanationOf(error));
    return exitCodeOf(error);
  }
}

/** True for a file of a format that `tfckpt convert` reads. Never throws, because there is an error already. */
async function isConvertible(path: string, storage: Storage): Promise<boolean> {
  try {
    if ((await storage.stat(path))?.kind !== "file") return false;
    const { identifyFile } = await import("@tfsaver/checkpoint-reader");
    return CONVERTIBLE.includes((await identifyFile(path, storage))?.kind ?? "");
  } catch {
    return false;
  }
}

/** Kinds of files that `tfckpt convert` reads. */
const CONVERTIBLE: readonly string[] = ["hdf5", "keras", "npz", "safetensors", "tfjs"];

async function runProgram(argv: readonly string[], context: Context): Promise<void> {
  let printed = "";
  const program = buildProgram(context, (text) => {
    printed += text;
  });
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.help" && error.exitCode !== 0) {
      const [help, command] = argv;
      // An unknown command as it is typed, so that similar ones are proposed.
      if (help === "help" && command !== undefined) return runProgram([command], context);
      throw new UsageError("no command; try tfckpt --help");
    }
    if (error.exitCode !== 0) throw new UsageError(error.message.replace(/^error: /, ""));
  }
  await context.stdout.write(printed);
}

function withCauses(error: Error): string {
  const { stack = error.message, cause } = error;
  return cause instanceof Error ? `${stack}\nCaused by: ${withCauses(cause)}` : stack;
}
