import { InvalidArgumentError } from "@tfsaver/core";
import { Operation, Output } from "@tfsaver/graph";

/** One operation of a plan. Values are in numbered slots, so that a run needs no lookups. */
export interface Step {
  readonly op: Operation;
  /** Its index in {@link Plan.steps}. */
  readonly index: number;
  /** Index of its type in {@link Plan.types}. */
  readonly type: number;
  /** Slots of its data inputs, in order. */
  readonly inputs: readonly number[];
  /** The outputs that are used, with their slots. */
  readonly outputs: readonly { readonly index: number; readonly slot: number }[];
  /** Slots that are no longer needed after it has run. */
  readonly releases: readonly number[];
  /** True if steps after it may run while it is under way. */
  readonly isBeside: boolean;
  /** True if it starts when nothing is under way. */
  readonly waits: boolean;
}

/** The operations of a run, in order. */
export interface Plan {
  /** All operations to run, each after those it depends on. */
  readonly steps: readonly Step[];
  /** The first operation of each type. */
  readonly types: readonly Operation[];
  readonly slotCount: number;
  /** Slots of outputs that are fed or fetched. */
  readonly slots: ReadonlyMap<Output, number>;
}

/** An operation whose dependencies are being visited. */
interface Visit {
  readonly op: Operation;
  readonly dependencies: readonly Operation[];
  next: number;
}

/** Operations that read checkpoints, and fail if one is damaged. */
const RESTORES: ReadonlySet<string> = new Set(["RestoreV2", "RestoreSlice", "Restore"]);

/** Operations that may run beside each other: each reads or writes files of its own. */
const BESIDE: ReadonlySet<string> = new Set([...RESTORES, "SaveV2"]);

/** Operations without an effect, so that they need not wait for an operation that none of their inputs comes from. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  ...["Const", "Identity", "Placeholder", "PlaceholderWithDefault", "ShardedFilename", "StringJoin", "Pack"],
  ...["Variable", "VariableV2", "VarHandleOp", "ReadVariableOp"],
]);

/**
 * Finds the operations that must run for `targets`, and orders them. Operations that read checkpoints come as early as
 * possible, so that a damaged checkpoint is found before a variable changes. Fed outputs are not computed. Time and memory
 * are proportional to the number of operations, however deep they are nested.
 *
 * @throws `InvalidArgumentError` if operations depend on each other in a cycle, as those of loops do.
 */
export function makePlan(targets: readonly (Operation | Output)[], fed: ReadonlySet<Output>): Plan {
  const fetched = targets.filter((target) => target instanceof Output);
  const needed = targets.flatMap((target) => {
    if (target instanceof Operation) return [target];
    return fed.has(target) ? [] : [target.op];
  });
  const anyOrder = orderOf(needed, fed);
  const restores = anyOrder.filter(({ type }) => RESTORES.has(type));
  const { order, waiting } = arrange(restores.length < 2 ? anyOrder : orderOf([...restores, ...needed], fed), fed);
  const kept = new Set([...fed, ...fetched]);
  const slots = new Map<Output, number>();
  for (const output of kept) slots.set(output, slots.size);
  for (const op of order) for (const input of op.inputs) if (!slots.has(input)) slots.set(input, slots.size);
  const types = new Map<string, Operation>();
  for (const op of order) if (!types.has(op.type)) types.set(op.type, op);
  return {
    steps: stepsOf({ order, waiting }, [...types.keys()], slots, fed, kept.size),
    types: [...types.values()],
    slotCount: slots.size,
    slots: new Map([...kept].map((output) => [output, slots.get(output) as number])),
  };
}

/** @param kept - slots below this number are kept until the end */
function stepsOf(
  { order, waiting }: Arranged,
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
  // Backwards, so that the last user of a value comes first and releases it.
  return order
    .toReversed()
    .map((op, fromEnd) => {
      const index = order.length - 1 - fromEnd;
      const inputs = op.inputs.map((input) => slots.get(input) as number);
      const releases = inputs.filter((slot) => slot >= kept && !released.has(slot));
      for (const slot of releases) released.add(slot);
      // Without a spread: runs take twice as long with objects that one made.
      return {
        op,
        index,
        type: types.indexOf(op.type),
        inputs,
        outputs: outputs.get(op) ?? [],
        releases,
        isBeside: BESIDE.has(op.type),
        waits: waiting.has(op),
      };
    })
    .reverse();
}

/** Operations in an order in which some run beside each other. */
interface Arranged {
  readonly order: readonly Operation[];
  /** Those that start when nothing is under way. */
  readonly waiting: ReadonlySet<Operation>;
}

/**
 * Moves operations without an effect that need the result of one under way behind the next ones that may run beside it. So all
 * the other operations stay in their order.
 */
function arrange(order: readonly Operation[], fed: ReadonlySet<Output>): Arranged {
  const arranged: Operation[] = [];
  const waiting = new Set<Operation>();
  /** Operations that are under way, and those that need their results. */
  const pending = new Set<Operation>();
  let moved: Operation[] = [];
  const settle = () => {
    for (const op of moved) {
      arranged.push(op);
      waiting.add(op);
    }
    moved = [];
    pending.clear();
  };
  for (const op of order) {
    const isBeside = BESIDE.has(op.type);
    const hasEffect = !isBeside && !WITHOUT_EFFECT.has(op.type);
    if (pending.size > 0 && (hasEffect || dependenciesOf(op, fed).some((before) => pending.has(before)))) {
      if (!hasEffect && !isBeside) {
        moved.push(op);
        pending.add(op);
        continue;
      }
      settle();
      waiting.add(op);
    }
    arranged.push(op);
    if (isBeside) pending.add(op);
  }
  settle();
  return { order: arranged, waiting };
}

function orderOf(targets: readonly Operation[], fed: ReadonlySet<Output>): Operation[] {
  const order: Operation[] = [];
  /** True if an operation is in `order`, false if it is still being visited. */
  const done = new Map<Operation, boolean>();
  const visits: Visit[] = [];

  const enter = (op: Operation) => {
    const state = done.get(op);
    if (state === true) return;
    if (state === false) {
      throw new InvalidArgumentError(`The graph has a cycle through ${op.name}; cycles can't be run`, { op: op.name });
    }
    done.set(op, false);
    visits.push({ op, dependencies: dependenciesOf(op, fed), next: 0 });
  };

  for (const target of targets) {
    enter(target);
    for (let visit = visits.at(-1); visit !== undefined; visit = visits.at(-1)) {
      const dependency = visit.dependencies[visit.next++];
      if (dependency !== undefined) enter(dependency);
      else {
        visits.pop();
        done.set(visit.op, true);
        order.push(visit.op);
      }
    }
  }
  return order;
}

function dependenciesOf(op: Operation, fed: ReadonlySet<Output>): Operation[] {
  const dependencies: Operation[] = [];
  for (const input of op.inputs) if (!fed.has(input)) dependencies.push(input.op);
  for (const before of op.controlInputs) if (!isFedPlaceholder(before, fed)) dependencies.push(before);
  return dependencies;
}

/** True for a fed placeholder. Running it would be an error, so nothing waits for it. */
function isFedPlaceholder(op: Operation, fed: ReadonlySet<Output>): boolean {
  const [output] = op.outputs;
  return op.type.startsWith("Placeholder") && output !== undefined && fed.has(output);
}
