import { AssertionError } from "@tfsaver/core";
import type { Session } from "@tfsaver/graph";
import { isContainer } from "../objects/children.js";
import { describeObject } from "../objects/describe-object.js";
import type { RootView } from "../objects/root-view.js";
import { attributesOf } from "../objects/saved-attributes.js";
import { type ObjectWalk, walkObjects } from "../objects/walk-objects.js";
import { nameOf, type WalkedObject } from "../objects/walked-object.js";
import type { ActiveLoad } from "../restore/active-load.js";
import type { Load } from "../restore/load.js";
import type { Restores } from "../restore/restores.js";
import { updateUidOf } from "../restore/update-uids.js";
import { initializeVariables } from "./initialize-variables.js";
import type { LoadStatus } from "./load-status.js";
import { listed, storedChildren, textOfNode, walkedChildren } from "./texts.js";

/** Maximum number of objects in a message, as in TensorFlow. */
const MAX_SHOWN = 10;

/** The status of a checkpoint with an object graph (`CheckpointLoadStatus`). */
export class CheckpointLoadStatus implements LoadStatus {
  readonly #load: Load;

  constructor(
    private readonly active: ActiveLoad<Load>,
    private readonly restores: Restores,
    private readonly view: () => RootView,
  ) {
    this.#load = active.matching;
  }

  assertConsumed(): this {
    this.assertExistingObjectsMatched();
    const { graph, bound, slots, unusedAttributes } = this.#load;
    const unresolved = graph.nodes.findIndex(({ attributes }, id) => attributes.length > 0 && !bound.has(id));
    if (unresolved >= 0) throw new AssertionError(this.#unresolvedMessage(unresolved));
    const [slot] = slots.unresolved;
    if (slot !== undefined) {
      throw new AssertionError(
        `Unresolved slot restorations: ${graph.nameOf(slot.optimizer)}'s state '${slot.name}' for ${graph.nameOf(slot.variable)}`,
      );
    }
    if (unusedAttributes.size === 0) return this;
    const lines = [...unusedAttributes].map(
      ([id, names]) => `${graph.nameOf(id)} (${describeObject(bound.get(id))}): ${listed(names)}`,
    );
    throw new AssertionError(
      "Unused attributes in these objects (the attributes exist in the checkpoint but were not restored):\n" +
        lines.slice(0, MAX_SHOWN).join("\n"),
    );
  }

  assertExistingObjectsMatched(): this {
    this.restores.matchAgain(this.active);
    const { graph, bound, uid } = this.#load;
    for (const [id, object] of bound) {
      if (updateUidOf(object) < uid)
        throw new AssertionError(`Object ${graph.nameOf(id)} not assigned a value from checkpoint.`);
    }
    const unmatched = this.#unmatched(walkObjects(this.view()));
    if (unmatched.length === 0) return this;
    const shown = unmatched.slice(0, MAX_SHOWN);
    throw new AssertionError(
      `Found ${unmatched.length} Python objects that were not bound to checkpointed values, likely due to changes in the ` +
        `Python program. Showing ${shown.length} of ${unmatched.length} unmatched objects: ${listed(shown.map(textOf))}` +
        this.#instead(shown[0] as WalkedObject),
    );
  }

  assertNontrivialMatch(): this {
    this.restores.matchAgain(this.active);
    if (this.#load.bound.size > 1) return this;
    const unmatched = this.#unmatched(walkObjects(this.view()));
    throw new AssertionError(
      unmatched.length > 0
        ? "Nothing except the root object matched a checkpointed value. Typically this means that the checkpoint does not " +
            "match the Python program. The following objects have no matching checkpointed value: " +
            listed(unmatched.slice(0, MAX_SHOWN).map(textOf)) +
            this.#instead(unmatched[0] as WalkedObject)
        : `Nothing to load. No dependencies have been added to ${describeObject(this.view().root)} yet.`,
    );
  }

  expectPartial(): this {
    return this;
  }

  async runRestoreOps(session?: Session): Promise<void> {
    this.restores.matchAgain(this.active);
    await this.active.run(session);
  }

  async initializeOrRestore(session?: Session): Promise<void> {
    await this.runRestoreOps(session);
    const matched = new Set(this.#load.bound.values());
    const isLeft = (object: object) => !matched.has(object) && updateUidOf(object) < this.#load.uid;
    await initializeVariables(this.view(), isLeft, () => this.active.requireSession(session));
  }

  async settled(): Promise<this> {
    this.restores.matchAgain(this.active);
    await this.active.settled();
    return this;
  }

  /** Returns the objects with values that are not matched. */
  #unmatched({ nodes }: ObjectWalk): WalkedObject[] {
    const matched = new Set(this.#load.bound.values());
    return nodes.filter(
      ({ object }) => !isContainer(object) && !matched.has(object) && attributesOf(object).length > 0,
    );
  }

  #unresolvedMessage(id: number): string {
    const { graph, bound } = this.#load;
    const text = `Unresolved object in checkpoint ${graph.nameOf(id)}: ${textOfNode(graph.node(id))}`;
    // The nearest object on the way that is matched shows what is there instead.
    let edge = graph.parentOf(id);
    while (edge !== undefined && !bound.has(edge.parent)) edge = graph.parentOf(edge.parent);
    if (edge === undefined) return text;
    const children = walkedChildren(bound.get(edge.parent) as object, this.view());
    return `${text}\nIn the program, ${graph.nameOf(edge.parent)} has ${children}, and no '${edge.name}' for it.`;
  }

  /** Tells what the checkpoint has where an object is not matched. */
  #instead(node: WalkedObject): string {
    const { graph, bound } = this.#load;
    const ids = new Map([...bound].map(([id, object]) => [object, id]));
    let { from } = node;
    while (from !== undefined && !ids.has(from.parent.object)) from = from.parent.from;
    const id = from && ids.get(from.parent.object);
    if (from === undefined || id === undefined) return "";
    return `\nIn the checkpoint, ${graph.nameOf(id)} has ${storedChildren(graph, id)}.`;
  }
}

function textOf(node: WalkedObject): string {
  return `${nameOf(node)} (${describeObject(node.object)})`;
}
