import type { Graph, Operation, Output } from "@tfsaver/graph";
import { makePlan, type Plan } from "./plan.js";

/** A training loop runs the same few things again and again. */
const MAX_PLANS = 8;

/** A plan, what it was made for, and what the graph was like. */
interface Known {
  readonly targets: readonly (Operation | Output)[];
  readonly fed: ReadonlySet<Output>;
  readonly plan: Plan;
  readonly wiring: readonly (readonly Output[] | ReadonlySet<Operation>)[];
  graphVersion: number;
}

const caches = new WeakMap<Graph, PlanCache>();

/** The plans of a graph, which all sessions over it share. */
export function plansOf(graph: Graph): PlanCache {
  const plans = caches.get(graph) ?? new PlanCache(graph);
  caches.set(graph, plans);
  return plans;
}

/** Plans of the latest runs, each good for as long as the part of the graph that it is of stays as it is. */
class PlanCache {
  #known: Known[] = [];

  constructor(private readonly graph: Graph) {}

  /** @throws as {@link makePlan}. */
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

/** What the operations of a plan take and wait for: lists and sets that are only ever replaced as a whole. */
function wiringOf({ steps }: Plan): (readonly Output[] | ReadonlySet<Operation>)[] {
  return steps.flatMap(({ op }) => [op.inputs, op.controlInputs]);
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}

function sameSet(a: ReadonlySet<unknown>, b: ReadonlySet<unknown>): boolean {
  return a.size === b.size && [...a].every((item) => b.has(item));
}
