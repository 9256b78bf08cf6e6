import type { TensorInfo } from "@tfsaver/checkpoint-reader";
import { isOptimizer } from "../objects/slots.js";
import type { StoredGraph } from "./stored-graph.js";

/** A slot variable of a checkpoint. */
export interface StoredSlot {
  readonly optimizer: number;
  readonly variable: number;
  readonly slot: number;
  readonly name: string;
}

/** A slot variable of the program for one of the checkpoint. */
export interface FoundSlot {
  readonly id: number;
  readonly object: object;
}

/** The slot variables of a checkpoint that are not matched yet. */
export class SlotRestorations {
  readonly #byVariable = new Map<number, StoredSlot[]>();
  /** Slots whose variables are matched, by optimizers that are not. */
  readonly #byOptimizer = new Map<number, { readonly slot: StoredSlot; readonly variable: object }[]>();
  /** Slots whose variable and optimizer are matched, but which the optimizer does not have yet. */
  #waiting: { readonly slot: StoredSlot; readonly variable: object; readonly optimizer: object }[] = [];

  /** @param infos - the facts about the values of slot variables, by their ids */
  constructor(
    graph: StoredGraph,
    private readonly infos: ReadonlyMap<number, TensorInfo>,
  ) {
    for (const [optimizer, { slotVariables }] of graph.nodes.entries()) {
      for (const { originalVariableNodeId: variable, slotVariableNodeId, slotName } of slotVariables) {
        const slot = { optimizer, variable, slot: slotVariableNodeId, name: slotName };
        const known = this.#byVariable.get(variable);
        if (known === undefined) this.#byVariable.set(variable, [slot]);
        else known.push(slot);
      }
    }
  }

  /** The slots whose variables are not matched. */
  get unresolved(): readonly StoredSlot[] {
    return [...this.#byVariable.values()].flat();
  }

  /** True if a slot may still be found. */
  get isOpen(): boolean {
    return this.#byVariable.size + this.#byOptimizer.size + this.#waiting.length > 0;
  }

  /**
   * Finds or makes the slot variables that an object, which was just matched, is the optimizer or the variable of.
   *
   * @param bound - returns the object that was matched with one of the checkpoint
   */
  of(id: number, object: object, bound: (id: number) => object | undefined): FoundSlot[] {
    const found = take(this.#byOptimizer, id).flatMap(({ slot, variable }) => this.#find(object, variable, slot));
    for (const slot of take(this.#byVariable, id)) {
      const optimizer = bound(slot.optimizer);
      if (optimizer !== undefined) {
        for (const one of this.#find(optimizer, object, slot)) found.push(one);
        continue;
      }
      const deferred = this.#byOptimizer.get(slot.optimizer);
      if (deferred === undefined) this.#byOptimizer.set(slot.optimizer, [{ slot, variable: object }]);
      else deferred.push({ slot, variable: object });
    }
    return found;
  }

  /** Finds slot variables that optimizers have made since. */
  again(): FoundSlot[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    return waiting.flatMap(({ optimizer, variable, slot }) => this.#find(optimizer, variable, slot));
  }

  /** As in TensorFlow, an object that is no optimizer drops the slots. */
  #find(optimizer: object, variable: object, slot: StoredSlot): FoundSlot[] {
    if (!isOptimizer(optimizer)) return [];
    const info = this.infos.get(slot.slot);
    const object =
      optimizer.getSlot(variable, slot.name) ??
      (info && optimizer.createSlot?.(variable, slot.name, { dtype: info.dtype, shape: info.shape }));
    if (object !== undefined) return [{ id: slot.slot, object }];
    this.#waiting.push({ optimizer, variable, slot });
    return [];
  }
}

function take<K, V>(map: Map<K, V[]>, key: K): readonly V[] {
  const found = map.get(key) ?? [];
  map.delete(key);
  return found;
}
