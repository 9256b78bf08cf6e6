import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { jsonLines } from "../../../../fixtures/json-lines.js";
import { Graph, type ReplicaDeviceSetterOptions, replicaDeviceSetter, Variable } from "../../src/index.js";

/** One record of tensorflow-replicas.py. */
interface Recorded {
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly outside: string;
  readonly inside: string;
  readonly operations: readonly [name: string, type: string, device: string][];
}
const recorded = jsonLines<Recorded>(readFileSync(new URL("tensorflow-replicas.jsonl", import.meta.url), "utf8"));

function optionsOf(args: Recorded["arguments"]): ReplicaDeviceSetterOptions {
  const camel = (name: string) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(args).map(([name, value]) => [camel(name), value]));
}

describe("replicaDeviceSetter", () => {
  it.each(recorded)("places as TensorFlow does: $arguments in '$outside' around '$inside'", (example) => {
    const graph = new Graph();
    graph.withDevice(example.outside, () =>
      graph.withDevice(replicaDeviceSetter(optionsOf(example.arguments)), () =>
        graph.withDevice(example.inside, () => {
          for (const name of ["a", "b", "c"]) {
            Variable.create([1], { graph, name });
            Variable.create([1], { graph, name: `${name}_resource`, useResource: true });
          }
          graph.createOperation("NoOp", { name: "done" });
        }),
      ),
    );
    expect(graph.operations.map(({ name, type, device }) => [name, type, device])).toEqual(example.operations);
  });

  it("asks a strategy for the task of each variable", () => {
    const graph = new Graph();
    const asked: string[] = [];
    const psStrategy = ({ name }: { name: string }) => (name === "large" ? 1 : asked.push(name) * 0);
    graph.withDevice(replicaDeviceSetter({ psTasks: 2, psStrategy }), () => {
      for (const name of ["small", "large", "tiny"]) Variable.create([1], { graph, name });
    });
    expect(["small", "large", "tiny"].map((name) => graph.operation(name).device)).toEqual([
      "/job:ps/task:0",
      "/job:ps/task:1",
      "/job:ps/task:0",
    ]);
    expect(asked).toEqual(["small", "tiny"]);
  });

  it.each([-1, 1.5, Number.NaN])("refuses %s tasks", (psTasks) => {
    expect(() => replicaDeviceSetter({ psTasks })).toThrow(expect.objectContaining({ kind: "ValueError" }));
  });

  it("refuses an invalid device", () => {
    expect(() => replicaDeviceSetter({ psTasks: 1, psDevice: "ps" })).toThrow("Unknown attribute 'ps'");
  });
});
