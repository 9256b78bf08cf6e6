import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toTensor } from "@tfsaver/core";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { goldensFolder } from "../../../../fixtures/goldens.js";
import { compileCommand } from "../../../../tests/compile.js";
import { tfckpt } from "../run-cli.js";

const model = `${goldensFolder}v2-with-meta`;

/** The command, and a checkpoint with names that a shell could misread. */
let folder: string;
let program: string;
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tfckpt-completion-"));
  program = await compileCommand(folder);
  const writer = new BundleWriter(at("m"));
  for (const name of ["a b", "a$(touch hacked)", "a;c", "x[1]"]) await writer.add(name, toTensor([1]));
  await writer.finish();
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(shell: string, ...args: string[]): string {
  const { stdout, stderr } = spawnSync(shell, args, { encoding: "utf8", cwd: folder, timeout: 30_000 });
  expect(stderr).toBe("");
  return stdout;
}

const linesOf = (text: string) => text.split("\n").filter((line) => line !== "");

/** Describes the tests of a shell, which are skipped, with the reason in their name, where it is not installed. */
function inShell(shell: string, tests: () => void): void {
  const isThere = spawnSync(shell, ["-c", "true"]).status === 0;
  describe.runIf(isThere)(isThere ? `in ${shell}` : `in ${shell}, which is not installed here`, tests);
}

inShell("bash", () => {
  function completed(...typed: string[]): string[] {
    const script = `tfckpt() { "${process.execPath}" "${program}" "$@"; }
eval "$(tfckpt completion bash)"
COMP_WORDS=(tfckpt "$@"); COMP_CWORD=$#
_tfckpt
printf '%s\\n' "\${COMPREPLY[@]}"`;
    return linesOf(run("bash", "-c", script, "bash", ...typed));
  }

  it("the script completes words", () => {
    expect(completed("ver")).toEqual(["verify"]);
    expect(completed("cat", model, "beta")).toEqual(["beta1_power", "beta2_power"]);
    expect(completed("cat", "no-such-file", "")).toEqual([]);
  });

  it("the script quotes names, which come from files", () => {
    expect(completed("cat", "m", "a")).toEqual(["a\\ b", "a\\$\\(touch\\ hacked\\)", "a\\;c"]);
  });
});

inShell("fish", () => {
  function completed(line: string): string[] {
    const script = `function tfckpt; "${process.execPath}" "${program}" $argv; end
tfckpt completion fish | source
complete -C '${line.replaceAll("'", "\\'")}'`;
    return linesOf(run("fish", "--no-config", "-c", script));
  }

  it("the script completes commands, options, choices and names of tensors", () => {
    expect(completed("tfckpt ver")).toEqual(["verify"]);
    expect(completed("tfckpt ls m --s").sort()).toEqual(["--slots", "--sort"]);
    expect(completed("tfckpt ls m --sort s").sort()).toEqual(["shape", "size"]);
    expect(completed("tfckpt cat m ").sort()).toEqual(["a b", "a$(touch hacked)", "a;c", "x[1]"]);
    expect(completed("tfckpt cat 'm' 'a b")).toEqual(["a b"]);
  });

  it("the script proposes files only where no other words fit", () => {
    expect(completed("tfckpt cat m.in")).toEqual(["m.index"]);
    expect(completed("tfckpt cat m none")).toEqual([]);
  });
});

inShell("zsh", () => {
  /** Types lines, and a tab after each, into an interactive shell, and returns the lines that are there then. */
  function completed(lines: readonly string[], load = 'eval "$(tfckpt completion zsh)"'): string[] {
    const out = at("line");
    rmSync(out, { force: true });
    writeFileSync(
      at("setup.zsh"),
      `tfckpt() { "${process.execPath}" "${program}" "$@" }
fpath=(${folder}/functions $fpath)
autoload -Uz compinit && compinit -u -D
${load}
show() { print -r -- $BUFFER > ${out}.new; mv ${out}.new ${out} }
zle -N show; bindkey '^X' show`,
    );
    const driver = `zmodload zsh/zpty
zpty -b shell 'TERM=dumb zsh -f -i'
zpty -w shell 'source ${at("setup.zsh")}; print -r -- ready > ${out}'
wait_for() { for _ in {1..400}; do [[ -e ${out} ]] && break; zpty -r -t shell text; sleep 0.05; done }
wait_for; rm ${out}
for line; do
  zpty -n -w shell $line$'\t\x18'
  wait_for; cat ${out}; rm ${out}
  zpty -n -w shell $'\x15'
done
zpty -d shell`;
    const completed = run("zsh", "-f", "-c", driver, "zsh", ...lines);
    return linesOf(completed).map((line) => line.trimEnd());
  }

  it("the script completes commands and options", () => {
    const found = completed(["tfckpt ver", "tfckpt ls m --so"]);
    expect(found).toEqual(["tfckpt verify", "tfckpt ls m --sort"]);
  });

  it("the script completes names of tensors, which it quotes", () => {
    const wanted = {
      "tfckpt cat m x": "tfckpt cat m x\\[1\\]",
      "tfckpt cat m 'a ": "tfckpt cat m 'a b'",
      "tfckpt cat m a\\;": "tfckpt cat m a\\;c",
      "tfckpt cat m a\\$": "tfckpt cat m a\\$\\(touch\\ hacked\\)",
      "tfckpt cat 'm' x": "tfckpt cat 'm' x\\[1\\]",
    };
    expect(completed(Object.keys(wanted))).toEqual(Object.values(wanted));
    expect(existsSync(at("hacked"))).toBe(false);
  });

  it("the script completes files where no other words fit", () => {
    expect(completed(["tfckpt cat m.in"])).toEqual(["tfckpt cat m.index"]);
  });

  it("a file _tfckpt on the path of functions completes from the first time on", async () => {
    mkdirSync(at("functions"), { recursive: true });
    writeFileSync(at("functions/_tfckpt"), (await tfckpt(["completion", "zsh"])).stdout);
    expect(completed(["tfckpt ver"], "")).toEqual(["tfckpt verify"]);
  });
});
