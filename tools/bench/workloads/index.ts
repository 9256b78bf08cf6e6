import type { VariablesSpec } from "../variables.js";
import type { Workload } from "../workload.js";
import { beside } from "./beside.js";
import { browser } from "./browser.js";
import { cold } from "./cold.js";
import { list } from "./list.js";
import { pick } from "./pick.js";
import { s3 } from "./s3.js";
import { savers } from "./savers.js";
import { tensors } from "./tensors.js";
import { tools } from "./tools.js";
import { viewer } from "./viewer.js";

const floats = (count: number, elements: number, devices = 0): VariablesSpec => ({
  count,
  elements,
  devices,
  dtype: "float32",
  scope: "",
});

const MIB = (1 << 20) / 4;

const named = (count: number, elements: number): VariablesSpec => ({
  ...floats(count, elements),
  scope: "model/encoder/transformer/attention/output/dense/",
});

const strings = (elements: number): VariablesSpec => ({ ...floats(1, elements), dtype: "string" });

/** The workloads, in the order of the table. */
export const workloads: Readonly<Record<string, Workload>> = {
  big: tensors({
    workload: "big",
    full: floats(64, 16 * MIB),
    quick: floats(3, 1000),
    bars: {
      save: { TensorFlow: 1.8, "a plain write": 1 / 1.15 },
      restoreAnew: { TensorFlow: 1.2 },
      restoreAgain: { TensorFlow: 1.5, "the limit": 1 / 1.4 },
    },
    safetensors: true,
  }),
  one: tensors({
    workload: "one",
    full: floats(1, 2048 * MIB),
    quick: floats(1, 1000),
    bars: {
      save: { TensorFlow: 1.4 },
      restoreAnew: { TensorFlow: 1.2 },
      restoreAgain: { TensorFlow: 1.2 },
    },
  }),
  many: savers("many", named(10_000, 16), named(50, 16), {
    buildAndSave: 20,
    save: 1,
    restore: 1,
    meta: 5,
  }),
  strings: savers("strings", strings(1_000_000), strings(1000), { save: 1, restore: 1 }),
  sharded: tensors({
    workload: "sharded",
    full: floats(64, 16 * MIB, 4),
    quick: floats(8, 1000, 4),
    bars: { save: { TensorFlow: 1 }, restoreAnew: { TensorFlow: 1 }, restoreAgain: { TensorFlow: 1.3 } },
  }),
  async: beside(floats(64, 16 * MIB), floats(8, 1000)),
  list,
  pick,
  s3,
  tools,
  cold,
  browser,
  viewer,
};
