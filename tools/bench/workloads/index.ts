import type { VariablesSpec } from "../variables.js";
import type { Workload } from "../workload.js";
import { tensors } from "./tensors.js";

const floats = (count: number, elements: number, devices = 0): VariablesSpec => ({
  count,
  elements,
  devices,
  dtype: "float32",
  scope: "",
});

const MIB = (1 << 20) / 4;

/** All workloads, in the order of the table. */
export const workloads: Readonly<Record<string, Workload>> = {
  big: tensors({
    workload: "big",
    full: floats(64, 16 * MIB),
    quick: floats(3, 1000),
    bar: 1.4,
    safetensors: true,
  }),
  one: tensors({ workload: "one", full: floats(1, 2048 * MIB), quick: floats(1, 1000), bar: 1.4 }),
  sharded: tensors({ workload: "sharded", full: floats(64, 16 * MIB, 4), quick: floats(8, 1000, 4), bar: 1.4 }),
};
