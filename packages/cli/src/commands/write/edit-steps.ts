import { readFile } from "node:fs/promises";
import type { EditStep } from "@tfsaver/checkpoint-tools";
import { ALL_DTYPES, type DType } from "@tfsaver/core";
import type { Context } from "../../context.js";
import { messageOf, UsageError } from "../../errors.js";
import { find } from "../../find.js";

/** An option of `tfckpt edit` that is a step, as typed. */
export interface TypedStep {
  /** Name of the option, without dashes. */
  readonly option: string;
  /** Its value; "" for an option without one. */
  readonly value: string;
}

/**
 * Makes the steps of an edit from options, in their order.
 *
 * @throws UsageError if a value is not valid or a file can't be read; NotThereError if another checkpoint does not exist.
 */
export async function stepsOf(typed: readonly TypedStep[], context: Context): Promise<EditStep[]> {
  const steps: EditStep[] = [];
  for (const { option, value } of typed) {
    const last = steps.at(-1);
    // Patterns that follow each other are one step.
    if (option === "keep" && last !== undefined && "keep" in last)
      steps[steps.length - 1] = { keep: [...last.keep, value] };
    else if (option === "match") {
      if (last === undefined || !("cast" in last)) throw new UsageError("--match belongs behind a --cast");
      steps[steps.length - 1] = { ...last, match: [...(last.match ?? []), value] };
    } else steps.push(await stepOf(option, value, context));
  }
  if (steps.length === 0) throw new UsageError("no change: give an option such as --rename; see tfckpt edit --help");
  return steps;
}

async function stepOf(option: string, value: string, context: Context): Promise<EditStep> {
  switch (option) {
    case "rename":
      return { rename: value };
    case "map":
      return { map: await readMap(value) };
    case "add-scope":
      return { addScope: value };
    case "keep":
      return { keep: [value] };
    case "drop":
      return { drop: [value] };
    case "drop-optimizer":
      return { dropOptimizer: true };
    case "use-averages":
      return { useAverages: true };
    case "cast":
      if (!(ALL_DTYPES as readonly string[]).includes(value)) throw new UsageError(`--cast: '${value}' is no dtype`);
      return { cast: value as DType };
    case "reshape":
      return reshapeStep(value);
    case "reslice":
      return resliceStep(value);
    case "set": {
      const [name, file] = splitAt(value, value.indexOf("="), "--set takes NAME=FILE.npy");
      return { set: name, value: file };
    }
    default:
      return { merge: await find(value, context) };
  }
}

function reshapeStep(value: string): EditStep {
  const usage = "--reshape takes NAME=DIMS, such as kernel=768,12,-1";
  const [name, dims] = splitAt(value, value.lastIndexOf("="), usage);
  const [, list] = /^\[?((?:-?\d+(?:,-?\d+)*)?)\]?$/.exec(dims.replaceAll(" ", "")) ?? [];
  if (list === undefined) throw new UsageError(`${usage}, not '${value}'`);
  return { reshape: name, shape: list === "" ? [] : list.split(",").map(Number) };
}

function resliceStep(value: string): EditStep {
  const usage = "--reslice takes PATTERN=N or PATTERN=N@AXIS, such as embeddings=4";
  const [pattern, how] = splitAt(value, value.lastIndexOf("="), usage);
  const [, slices, axis = "0"] = /^(\d{1,6})(?:@(\d{1,3}))?$/.exec(how) ?? [];
  if (slices === undefined) throw new UsageError(`${usage}, not '${value}'`);
  return { reslice: pattern, slices: Number(slices), axis: Number(axis) };
}

function splitAt(value: string, at: number, usage: string): [string, string] {
  if (at <= 0) throw new UsageError(`${usage}, not '${value}'`);
  return [value.slice(0, at), value.slice(at + 1)];
}

/** Reads a table of names: a JSON object, or lines of an old name and its new names with tabs between them. */
async function readMap(file: string): Promise<Map<string, readonly string[]>> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new UsageError(`--map: can't read ${file}: ${messageOf(cause)}`, { cause });
  });
  return text.trimStart().startsWith("{") ? jsonMap(text, file) : tsvMap(text, file);
}

function jsonMap(text: string, file: string): Map<string, readonly string[]> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`--map: ${file} is no valid JSON: ${messageOf(cause)}`, { cause });
  }
  return new Map(
    Object.entries(parsed as object).map(([name, targets]) => {
      const all: readonly unknown[] = Array.isArray(targets) ? targets : [targets];
      if (all.length > 0 && all.every((target) => typeof target === "string")) return [name, all as string[]];
      throw new UsageError(`--map: ${file}: the value of '${name}' must be a name or an array of names`);
    }),
  );
}

function tsvMap(text: string, file: string): Map<string, readonly string[]> {
  const table = new Map<string, readonly string[]>();
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line === "" || line.startsWith("#")) continue;
    const [name = "", ...targets] = line.split("\t");
    if (name === "" || targets.length === 0 || targets.includes("")) {
      throw new UsageError(`--map: ${file}:${i + 1}: expected an old and a new name with a tab between them`);
    }
    table.set(name, [...(table.get(name) ?? []), ...targets]);
  }
  return table;
}
