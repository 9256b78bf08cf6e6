import type { Tensor } from "@tfsaver/core";
import { InvalidArgumentError } from "@tfsaver/core";
import type { Operation, Output } from "@tfsaver/graph";

/** What one run does. */
export interface Plan {
  /** Every operation that is needed, each after those whose outputs or completion it needs. */
  readonly order: readonly Operation[];
  /** How many data inputs of operations in the plan take outputs of an operation: afterwards they are not needed. */
  readonly uses: ReadonlyMap<Operation, number>;
}

/** An operation whose needs are being looked at. */
interface Visit {
  readonly op: Operation;
  readonly needs: readonly Operation[];
  next: number;
}

/** Operations that read checkpoints, which fail if one is damaged. */
const RESTORES: ReadonlySet<string> = new Set(["RestoreV2", "RestoreSlice", "Restore"]);

/**
 * Finds what must run for `targets`, and in which order: everything that reads checkpoints as early as can be, so that a
 * damaged one is found before the first variable is changed.
 *
 * @throws `InvalidArgumentError` if operations wait for each other in a circle, as those of loops do.
 */
export function makePlan(targets: Iterable<Operation>, fed: ReadonlyMap<Output, Tensor>): Plan {
  const all = [...targets];
  const plan = planOf(all, fed);
  const restores = plan.order.filter(({ type }) => RESTORES.has(type));
  return restores.length < 2 ? plan : planOf([...restores, ...all], fed);
}

/**
 * Finds what must run for `targets`, and in which order. Fed outputs are not computed. Takes time and memory in
 * proportion to what is needed, however deep it is nested.
 *
 * @throws `InvalidArgumentError` if operations wait for each other in a circle, as those of loops do.
 */
function planOf(targets: Iterable<Operation>, fed: ReadonlyMap<Output, Tensor>): Plan {
  const order: Operation[] = [];
  const uses = new Map<Operation, number>();
  /** Whether an operation is in `order` already, or still being visited. */
  const done = new Map<Operation, boolean>();
  const visits: Visit[] = [];

  const enter = (op: Operation) => {
    const state = done.get(op);
    if (state === true) return;
    if (state === false) {
      throw new InvalidArgumentError(`The graph has a cycle through ${op.name}, which can't be run`, { op: op.name });
    }
    done.set(op, false);
    visits.push({ op, needs: needsOf(op, fed, uses), next: 0 });
  };

  for (const target of targets) {
    enter(target);
    for (let visit = visits.at(-1); visit !== undefined; visit = visits.at(-1)) {
      const need = visit.needs[visit.next++];
      if (need !== undefined) enter(need);
      else {
        visits.pop();
        done.set(visit.op, true);
        order.push(visit.op);
      }
    }
  }
  return { order, uses };
}

function needsOf(op: Operation, fed: ReadonlyMap<Output, Tensor>, uses: Map<Operation, number>): Operation[] {
  const needs: Operation[] = [];
  for (const input of op.inputs) {
    if (fed.has(input)) continue;
    needs.push(input.op);
    uses.set(input.op, (uses.get(input.op) ?? 0) + 1);
  }
  for (const before of op.controlInputs) if (!isFedPlaceholder(before, fed)) needs.push(before);
  return needs;
}

/** To wait for a placeholder that is fed must not run it, which would be an error. */
function isFedPlaceholder(op: Operation, fed: ReadonlyMap<Output, Tensor>): boolean {
  const [output] = op.outputs;
  return op.type.startsWith("Placeholder") && output !== undefined && fed.has(output);
}
