import type { Command } from "commander";
import type { DiffCommandOptions } from "../commands/compare/diff.js";
import type { Context } from "../context.js";
import type { JsonOption } from "../output/json.js";
import { addCommand, PREFIX, several } from "./command.js";

const DIGEST_HELP = `
A digest is computed from the raw little-endian bytes; for strings, from the
length (8 bytes, little-endian) and the bytes of each element.`;

const DIFF_HELP = `
Exit code: 0 if they are equal, 1 if they differ. NaN equals NaN. A tensor with
the same dtype, shape and content under another name is renamed.`;

/** Adds the commands that check checkpoints and compare them. */
export function addCompareCommands(program: Command, context: Context): void {
  addCommand(program, "diff", "Compare the names, dtypes, shapes and values of two checkpoints.", [
    "tfckpt diff model/model.ckpt-6 model/model.ckpt-7 || test $? = 1",
    'tfckpt diff model model/model.ckpt-7 --match "dense*" --rtol 1e-6',
  ])
    .argument("<a>", PREFIX)
    .argument("<b>", "another checkpoint; or two .meta files, to compare their graphs")
    .option("--match <pattern>", "compare only these tensors; may be repeated", several)
    .option("--atol <number>", "numbers are equal up to this difference", "0")
    .option("--rtol <number>", "… or up to this share of the second number", "0")
    .option("--json", "print the differences as an object")
    .addHelpText("after", DIFF_HELP)
    .action(async (a: string, b: string, options: DiffCommandOptions) =>
      (await import("../commands/compare/diff.js")).diff(a, b, options, context),
    );
  addCommand(program, "digest", "Print the SHA-256 of every tensor's content.", [
    "tfckpt digest model > before.txt",
    "tfckpt digest model/model.ckpt-7 --json",
  ])
    .argument("<prefix>", PREFIX)
    .option("--json", "print an object: name → digest")
    .addHelpText("after", DIGEST_HELP)
    .action(async (prefix: string, options: JsonOption) =>
      (await import("../commands/compare/digest.js")).digest(prefix, options, context),
    );
  addCommand(program, "verify", "Verify every byte and list all damage. For a folder: verify all its checkpoints.", [
    "tfckpt verify model/model.ckpt-7",
    "tfckpt verify model --json",
  ])
    .argument("<prefix>", PREFIX)
    .option("--json", "print the report as an object")
    .action(async (prefix: string, options: JsonOption) =>
      (await import("../commands/compare/verify.js")).verify(prefix, options, context),
    );
}
