import { InvalidArgumentError } from "@tfsaver/core";
import { Operation, Output } from "@tfsaver/graph";

/** One operation of a plan. Values wait in numbered slots, so that a run looks nothing up. */
export interface Step {
  readonly op: Operation;
  /** Its index in {@link Plan.steps}. */
  readonly index: number;
  /** Index of its type in {@link Plan.types}. */
  readonly type: number;
  /** Slots of its data inputs, in order. */
  readonly inputs: readonly number[];
  /** Its outputs that somebody takes. */
  readonly outputs: readonly { readonly index: number; readonly slot: number }[];
  /** Slots that nobody needs once it has run. */
  readonly releases: readonly number[];
}

/** What a run does. */
export interface Plan {
  /** Every operation that is needed, each after those whose outputs or completion it needs. */
  readonly steps: readonly Step[];
  /** The first operation of each type. */
  readonly types: readonly Operation[];
  readonly slotCount: number;
  /** Slots of outputs that are fed or fetched. */
  readonly slots: ReadonlyMap<Output, number>;
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
 * damaged one is found before the first variable is changed. Fed outputs are not computed. Takes time and memory in
 * proportion to what is needed, however deep it is nested.
 *
 * @throws `InvalidArgumentError` if operations wait for each other in a circle, as those of loops do.
 */
export function makePlan(targets: readonly (Operation | Output)[], fed: ReadonlySet<Output>): Plan {
  const fetched = targets.filter((target) => target instanceof Output);
  const needed = targets.flatMap((target) => {
    if (target instanceof Operation) return [target];
    return fed.has(target) ? [] : [target.op];
  });
  const anyOrder = orderOf(needed, fed);
  const restores = anyOrder.filter(({ type }) => RESTORES.has(type));
  const order = restores.length < 2 ? anyOrder : orderOf([...restores, ...needed], fed);
  const kept = new Set([...fed, ...fetched]);
  const slots = new Map<Output, number>();
  for (const output of kept) slots.set(output, slots.size);
  for (const op of order) for (const input of op.inputs) if (!slots.has(input)) slots.set(input, slots.size);
  const types = new Map<string, Operation>();
  for (const op of order) if (!types.has(op.type)) types.set(op.type, op);
  return {
    steps: stepsOf(order, [...types.keys()], slots, fed, kept.size),
    types: [...types.values()],
    slotCount: slots.size,
    slots: new Map([...kept].map((output) => [output, slots.get(output) as number])),
  };
}

/** @param kept - slots below this number are needed to the end */
function stepsOf(
  order: readonly Operation[],
  types: readonly string[],
  slots: ReadonlyMap<Output, number>,
  fed: ReadonlySet<Output>,
  kept: number,
): Step[] {
  const outputs = new Map<Operation, { index: number; slot: number }[]>();
  for (const [output, slot] of slots) {
    if (fed.has(output)) continue;
    const taken = outputs.get(output.op) ?? [];
    taken.push({ index: output.index, slot });
    outputs.set(output.op, taken);
  }
  const released = new Set<number>();
  // From the end, because there the last to take a value comes first.
  return order
    .toReversed()
    .map((op, fromEnd) => {
      const index = order.length - 1 - fromEnd;
      const inputs = op.inputs.map((input) => slots.get(input) as number);
      const releases = inputs.filter((slot) => slot >= kept && !released.has(slot));
      for (const slot of releases) released.add(slot);
      return { op, index, type: types.indexOf(op.type), inputs, outputs: outputs.get(op) ?? [], releases };
    })
    .reverse();
}

function orderOf(targets: readonly Operation[], fed: ReadonlySet<Output>): Operation[] {
  const order: Operation[] = [];
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
    visits.push({ op, needs: needsOf(op, fed), next: 0 });
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
  return order;
}

function needsOf(op: Operation, fed: ReadonlySet<Output>): Operation[] {
  const needs: Operation[] = [];
  for (const input of op.inputs) if (!fed.has(input)) needs.push(input.op);
  for (const before of op.controlInputs) if (!isFedPlaceholder(before, fed)) needs.push(before);
  return needs;
}

/** To wait for a placeholder that is fed must not run it, which would be an error. */
function isFedPlaceholder(op: Operation, fed: ReadonlySet<Output>): boolean {
  const [output] = op.outputs;
  return op.type.startsWith("Placeholder") && output !== undefined && fed.has(output);
}
