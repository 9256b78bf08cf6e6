import type { Command } from "commander";
import type { TypedStep } from "../commands/write/edit-steps.js";

/** Options of `tfckpt edit` that are steps: name, value ("" if it has none), and description. */
const STEPS: readonly (readonly [option: string, value: string, description: string])[] = [
  ["rename", "command", "rename by a command of sed -E: 's/^tower_0\\///'"],
  ["map", "file", "rename by a map: a file of JSON or of lines with tabs, or bert-to-huggingface"],
  ["add-scope", "scope", "put all names under a scope"],
  ["keep", "pattern", "keep only what matches; several add up"],
  ["drop", "pattern", "drop what matches"],
  ["drop-optimizer", "", "drop the variables of optimizers, and moving averages"],
  ["use-averages", "", "put moving averages in the place of their variables"],
  ["cast", "dtype", "cast floating-point tensors, or those of --match"],
  ["match", "pattern", "what the --cast before it casts; several add up"],
  ["reshape", "name=dims", "give a tensor another shape: kernel=768,12,-1"],
  ["reslice", "pattern=n", "store in n slices along the first axis, or along another one: n@axis"],
  ["set", "name=file", "add or replace a tensor by a NumPy file (.npy)"],
  ["merge", "prefix", "add the tensors of another checkpoint"],
];

/** Adds the options that are steps of an edit, and returns those that were typed, in their order. */
export function addEditSteps(edit: Command): readonly TypedStep[] {
  const typed: TypedStep[] = [];
  for (const [option, value, description] of STEPS) {
    edit.option(value === "" ? `--${option}` : `--${option} <${value}>`, description);
    // An option that is typed several times is reported each time.
    edit.on(`option:${option}`, (given: string | undefined) => typed.push({ option, value: given ?? "" }));
  }
  return typed;
}
