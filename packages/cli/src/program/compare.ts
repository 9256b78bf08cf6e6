import type { Command } from "commander";
import type { Context } from "../context.js";
import type { JsonOption } from "../output/json.js";
import { addCommand, PREFIX } from "./command.js";

const DIGEST_HELP = `
A digest is computed from the raw little-endian bytes; for strings, from the
length (8 bytes, little-endian) and the bytes of each element.`;

/** Adds the commands that check checkpoints and compare them. */
export function addCompareCommands(program: Command, context: Context): void {
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
