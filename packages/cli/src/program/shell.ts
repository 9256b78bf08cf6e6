import { Argument, type Command } from "commander";
import type { Shell } from "../commands/shell/scripts.js";
import type { Context } from "../context.js";
import { addCommand } from "./command.js";

const SHELLS: readonly Shell[] = ["bash", "zsh", "fish"];

const COMPLETION_HELP = `
  bash  eval "$(tfckpt completion bash)"      in ~/.bashrc
  zsh   eval "$(tfckpt completion zsh)"       in ~/.zshrc
  fish  tfckpt completion fish | source       in ~/.config/fish/config.fish`;

/** Adds the commands for shells. */
export function addShellCommands(program: Command, context: Context): void {
  addCommand(program, "completion", "Print a script that lets a shell complete options and names of tensors.", [
    'eval "$(tfckpt completion bash)"',
    "tfckpt completion zsh > _tfckpt",
  ])
    .addArgument(new Argument("<shell>", "the shell").choices(SHELLS))
    .addHelpText("after", COMPLETION_HELP)
    .action(async (shell: Shell) =>
      context.stdout.write((await import("../commands/shell/scripts.js")).SCRIPTS[shell]),
    );
  program
    .command("complete", { hidden: true })
    .argument("[words...]")
    .action(async (words: string[]) =>
      (await import("../commands/shell/complete.js")).complete(words, program, context),
    );
}
