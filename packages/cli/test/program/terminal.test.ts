import { stripVTControlCharacters } from "node:util";
import { toTensor } from "@tfsaver/core";
import { MemoryStorage } from "@tfsaver/storage";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { beforeEach, describe, expect, it } from "vitest";
import { putFile } from "../../../../fixtures/storage-files.js";
import { tfckpt } from "../run-cli.js";

/** Characters that a terminal acts on, or that hide or reorder others: one of each kind. */
const KINDS = {
  escape: "\u001b[2J",
  "C1 control": "\u009b2J",
  delete: "\u007f",
  "carriage return": "\r",
  "line feed": "\n",
  "bidirectional override": "\u202e",
  "bidirectional isolate": "\u2066",
  "Arabic letter mark": "\u061c",
  "zero-width space": "\u200b",
  "byte order mark": "\ufeff",
  "line separator": "\u2028",
  tag: "\u{e0041}",
} as const;

const RAW = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const raw = (text: string) => RAW.exec(text.replaceAll("\n", ""))?.[0];

let storage: MemoryStorage;
const run = (...args: string[]) => tfckpt(args, { storage });

async function save(prefix: string, name: string): Promise<void> {
  const writer = new BundleWriter(prefix, { storage });
  await writer.add(name, toTensor([name], "string"));
  await writer.finish();
}

beforeEach(async () => {
  storage = new MemoryStorage({ now: () => Date.now() - 5000 });
  await storage.createDirectory("/run");
});

describe.each(Object.entries(KINDS))("with %s in names, paths and values", (_, char) => {
  const name = `a${char}b`;
  const folder = `/run/d${char}d`;
  const prefix = `${folder}/m${char}m`;

  beforeEach(async () => {
    await storage.createDirectory(folder);
    await save(prefix, name);
  });

  it.each([
    ["ls", [prefix]],
    ["ls --verbose", [prefix, "--verbose"]],
    ["ls --json", [prefix, "--json"]],
    ["cat", [prefix, name]],
    ["cat --format json", [prefix, name, "--format", "json"]],
    ["ls --tree", [prefix, "--tree"]],
    ["ls --slots", [prefix, "--slots"]],
    ["stat", [prefix]],
    ["stat --json", [prefix, "--json"]],
    ["diff", [prefix, prefix]],
    ["grep", [name, folder]],
    ["average", [prefix, `${prefix}-2`]],
    ["prune", [folder, "--keep-latest", "1"]],
    ["complete", ["cat", prefix, ""]],
    ["digest", [prefix]],
    ["digest --json", [prefix, "--json"]],
    ["verify", [prefix]],
    ["verify --json", [prefix, "--json"]],
    ["verify of a folder", [folder]],
    ["convert", [prefix, `${prefix}-2`]],
    ["repair-state", [folder]],
    ["clean", [folder, "--dry-run", "--older-than", "1"]],
  ])("%s prints no such character", async (command, args) => {
    await putFile(storage, `${prefix}.index.tempstate5`, "x");
    const { code, stdout, stderr } = await run(command.split(" ")[0] as string, ...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(raw(stdout)).toBeUndefined();
    if (command.includes("json"))
      expect(JSON.stringify(JSON.parse(stdout))).toContain(
        JSON.stringify(command.startsWith("verify") ? prefix : name),
      );
  });

  it("errors, warnings, explanations and stack traces print none", async () => {
    await putFile(storage, `${prefix}.data-00000-of-00001`, "x");
    await putFile(storage, `${folder}/checkpoint`, `model_checkpoint_path: ${JSON.stringify(`/old/m${char}m`)}`);
    const all = [
      await run("cat", prefix, "c", "--debug"),
      await run("cat", prefix, name, "--debug"),
      await run("cat", prefix, `c${char}`),
      await run("verify", prefix),
      await run("verify", prefix, "--json"),
      await run("verify", folder),
      await run("ls", `${folder}/none${char}`),
      await run("ls", folder),
      await run("repair-state", folder),
      await run("ls", prefix, `--${char}`),
      await run("clean", `${folder}none`),
      await run("convert", prefix, `/none${char}/x`),
    ];
    for (const { stdout, stderr } of all) expect(raw(stdout + stderr)).toBeUndefined();
    expect(all.filter(({ stderr }) => stderr === "")).toHaveLength(1);
  });
});

it("a style on a terminal is not escaped", async () => {
  await save("/run/m", "\u009b");
  const { stdout } = await tfckpt(["ls", "/run/m"], { storage, terminal: true });
  expect(stdout).not.toBe(stripVTControlCharacters(stdout));
  expect(raw(stripVTControlCharacters(stdout))).toBeUndefined();
  expect(stdout).toContain('"\\u009b"');
});
