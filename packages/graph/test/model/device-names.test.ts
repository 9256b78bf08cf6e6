import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { canonicalDevice, formatDevice, Graph, mergeDevices, parseDevice } from "../../src/index.js";

/** One record of tensorflow-devices.py: names, or a kind of error and its message. */
const recorded: {
  readonly canonical: Readonly<Record<string, string | [string, string]>>;
  readonly merged: readonly [outer: string, inner: string, device: string][];
} = JSON.parse(readFileSync(new URL("tensorflow-devices.json", import.meta.url), "utf8"));

describe("a device name", () => {
  it.each(Object.entries(recorded.canonical))("%o is read as TensorFlow reads it", (name, expected) => {
    if (typeof expected === "string") expect(canonicalDevice(name)).toBe(expected);
    else expect(() => canonicalDevice(name)).toThrow(expect.objectContaining({ kind: expected[0] }));
  });

  it("names the part that is unknown", () => {
    expect(() => parseDevice("/job:ps/xpu:0")).toThrow(
      "Unknown attribute 'xpu' is encountered while parsing the device spec: '/job:ps/xpu:0'.",
    );
  });

  it("is parsed and printed", () => {
    const spec = { job: "ps", replica: 2, task: 1, type: "GPU", index: 3 };
    expect(parseDevice("/job:ps/replica:2/task:1/device:GPU:3")).toEqual(spec);
    expect(formatDevice(spec)).toBe("/job:ps/replica:2/task:1/device:GPU:3");
    expect(parseDevice("/gpu:*")).toEqual({ type: "GPU" });
    expect(formatDevice({})).toBe("");
  });
});

describe("a device scope inside another", () => {
  it("is merged with it as in TensorFlow, for every pair", () => {
    expect(recorded.merged.length).toBeGreaterThan(500);
    for (const [outer, inner, device] of recorded.merged) {
      expect(mergeDevices(outer, inner), `${inner} in ${outer}`).toBe(device);
      const graph = new Graph();
      const op = graph.withDevice(outer, () => graph.withDevice(inner, () => graph.createOperation("NoOp")));
      expect(op.device, `${inner} in ${outer}`).toBe(device);
    }
  });
});
