import type { Graph, Operation, Output } from "@tfsaver/graph";
import { makePlan, type Plan } from "./plan.js";

/** Plans that are kept for a graph: a training loop repeats a few runs. */
const MAX_PLANS = 8;

/** A plan, the run that it was made for, and the state of the graph at that time. */
interface Known {
  readonly targets: readonly (Operation | Output)[];
  readonly fed: ReadonlySet<Output>;
  readonly plan: Plan;
  readonly wiring: readonly (readonly Output[] | ReadonlySet<Operation>)[];
  graphVersion: number;
}

const caches = new WeakMap<Graph, PlanCache>();

/** Returns the plans of a graph, which all its sessions share. */
export function plansOf(graph: Graph): PlanCache {
  const plans = caches.get(graph) ?? new PlanCache(graph);
  caches.set(graph, plans);
  return plans;
}

/** Keeps the plans of the latest runs. A plan is valid until the inputs of its operations change. */
class PlanCache {
  #known: Known[] = [];

  constructor(private readonly graph: Graph) {}

  /**
   * Returns the plan of a run.
   *
   * @throws as {@link makePlan}.
   */
  planFor(targets: readonly (Operation | Output)[], fed: ReadonlySet<Output>): Plan {
    const known = this.#known.find((one) => sameItems(one.targets, targets) && sameSet(one.fed, fed));
    const others = this.#known.filter((one) => one !== known);
    const current = known !== undefined && this.#isCurrent(known) ? known : this.#make(targets, fed);
    this.#known = [current, ...others.slice(0, MAX_PLANS - 1)];
    return current.plan;
  }

  #make(targets: readonly (Operation | Output)[], fed: ReadonlySet<Output>): Known {
    const plan = makePlan(targets, fed);
    return { targets, fed, plan, wiring: wiringOf(plan), graphVersion: this.graph.version };
  }

  #isCurrent(known: Known): boolean {
    const { version } = this.graph;
    if (known.graphVersion !== version && !sameItems(known.wiring, wiringOf(known.plan))) return false;
    known.graphVersion = version;
    return true;
  }
}

/** Lists the inputs and control inputs of a plan's operations. They can be compared by identity: changes replace them. */
function wiringOf({ steps }: Plan): (readonly Output[] | ReadonlySet<Operation>)[] {
  return steps.flatMap(({ op }) => [op.inputs, op.controlInputs]);
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}

function sameSet(a: ReadonlySet<unknown>, b: ReadonlySet<unknown>): boolean {
  return a.size === b.size && [...a].every((item) => b.has(item));
}
