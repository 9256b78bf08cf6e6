import { resolveGraph } from "../model/default-graph.js";
import type { Operation, Output } from "../model/graph.js";
import { identity, type OpOptions } from "./values.js";

/**
 * Adds a copy of `output` that waits for `before` (TensorFlow's `with_dependencies`).
 *
 * @example
 * ```ts
 * import { Graph, Variable, withDependencies } from "@tfsaver/graph";
 *
 * const step = Variable.create(0, { graph: new Graph(), name: "step" });
 * const initialized = withDependencies([step.initializer], step.snapshot);
 * console.log([...initialized.op.controlInputs].map(({ name }) => name)); // [ "step/Assign" ]
 * ```
 */
export function withDependencies(before: readonly Operation[], output: Output, name = "control_dependency"): Output {
  const { graph } = output;
  return graph.withNameScope(name, (scope) =>
    graph.withColocation(output.op, () =>
      graph.withControlDependencies(before, () => identity(output, { name: scope })),
    ),
  );
}

/**
 * Adds an operation that is done when all of `ops` are (`tf.group`). If they are on several devices, each device gets
 * an operation of its own first.
 *
 * @example
 * ```ts
 * import { Graph, group, Variable } from "@tfsaver/graph";
 *
 * const graph = new Graph();
 * const variables = [Variable.create(0, { graph, name: "a" }), Variable.create(0, { graph, name: "b" })];
 * const init = group(variables.map(({ initializer }) => initializer), { name: "init" });
 * console.log([...init.controlInputs].map(({ name }) => name)); // [ "a/Assign", "b/Assign" ]
 * ```
 */
export function group(ops: readonly Operation[], options: OpOptions = {}): Operation {
  const graph = resolveGraph(options.graph ?? ops[0]?.graph);
  return graph.withNameScope(options.name ?? "group_deps", (scope) => {
    const byDevice = new Map<string, Operation[]>();
    for (const op of ops) {
      const members = byDevice.get(op.device);
      if (members === undefined) byDevice.set(op.device, [op]);
      else members.push(op);
    }
    const after = (before: readonly Operation[], device: string, name?: string) =>
      graph.withControlDependencies(before, () => {
        const noOp = () => graph.createOperation("NoOp", { name });
        return device === "" ? noOp() : graph.withDevice(device, noOp);
      });
    const [first, ...others] = [...byDevice].sort(([a], [b]) => (a < b ? -1 : 1));
    if (first === undefined) return after([], "", scope);
    if (others.length === 0) return after(first[1], first[0], scope);
    return after(
      [first, ...others].map(([device, members]) => after(members, device)),
      "",
      scope,
    );
  });
}
