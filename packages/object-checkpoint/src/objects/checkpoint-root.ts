import { ValueError } from "@tfsaver/core";
import { compareCodePoints, HostVariable } from "@tfsaver/saver-builders";
import { childrenOf, isTracked } from "./children.js";
import { describeObject } from "./describe-object.js";
import type { RootView } from "./root-view.js";

/** The name of the counter among the children of a checkpoint. */
const SAVE_COUNTER = "save_counter";

/** The children of a checkpoint, or what is attached to the root that it was given. */
export class CheckpointRoot {
  readonly #children = new Map<string, object>();
  #counter: HostVariable | undefined;

  /**
   * @param self - the checkpoint, which is the root if it was given none
   * @throws `ValueError` if an object is not trackable, or the root has another object under its name.
   */
  constructor(
    private readonly self: object,
    children: Readonly<Record<string, unknown>>,
    private readonly root: object | undefined,
  ) {
    if (typeof children !== "object" || children === null || Array.isArray(children))
      throw new TypeError(`Checkpoint takes an object of objects by name, not ${describeObject(children)}`);
    if (root !== undefined) {
      requireTracked(root, "root");
      this.#counter = counterOf(root);
      if ("root" in children) throw new ValueError("The name 'root' is taken by the option `root`");
    }
    const given = root === undefined ? children : { ...children, root };
    for (const name of Object.keys(given).sort(compareCodePoints)) this.add(name, given[name]);
  }

  /** Where the graph starts, and what is attached there. */
  get view(): RootView {
    const { root, self } = this;
    if (root === undefined) return { root: self, attached: [] };
    return { root, attached: [...this.#children].map(([name, object]) => ({ name, object })) };
  }

  /** The children by name, the counter among them once it exists. */
  get children(): ReadonlyMap<string, object> {
    return this.#children;
  }

  /** Adds a child, or replaces the one of this name. */
  add(name: string, object: unknown): void {
    requireTracked(object, name);
    if (name === SAVE_COUNTER)
      throw new ValueError(
        `The name '${SAVE_COUNTER}' is taken by the checkpoint's own counter, which is its saveCounter`,
      );
    const { root } = this;
    const existing = root && childrenOf(root).find((edge) => edge.name === name);
    if (existing === undefined) {
      this.#children.set(name, object);
      return;
    }
    if (existing.object === object) return;
    throw new ValueError(`Cannot create a Checkpoint with keyword argument ${name} if root.${name} already exists.`);
  }

  /** The number of saves. It exists once it was needed, as in TensorFlow. */
  get counter(): HostVariable {
    if (this.#counter !== undefined) return this.#counter;
    this.#counter = new HostVariable(0n, { name: SAVE_COUNTER });
    this.#children.set(SAVE_COUNTER, this.#counter);
    return this.#counter;
  }

  get hasCounter(): boolean {
    return this.#counter !== undefined;
  }

  /** Takes the counter away again. */
  removeCounter(): void {
    this.#counter = undefined;
    this.#children.delete(SAVE_COUNTER);
  }
}

function requireTracked(object: unknown, name: string): asserts object is object {
  if (isTracked(object)) return;
  throw new ValueError(
    `\`Checkpoint\` was expecting ${name} to be a trackable object (an object derived from \`Trackable\`), got ` +
      `${describeObject(object)}. Pass a variable, a saveable, an array, a Map or a plain object of them, or an instance of ` +
      "a class that extends AutoTrackable or has gatherSaveablesForCheckpoint.",
  );
}

/** Returns the counter that a root has already. */
function counterOf(root: object): HostVariable | undefined {
  const counter = childrenOf(root).find(({ name }) => name === SAVE_COUNTER)?.object;
  if (counter === undefined) return undefined;
  if (counter instanceof HostVariable && counter.dtype === "int64") return counter;
  throw new ValueError(`root.${SAVE_COUNTER} must be a HostVariable of int64, not ${describeObject(counter)}`);
}
