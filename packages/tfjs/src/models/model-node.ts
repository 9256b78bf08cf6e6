import type { Trackable } from "@tfsaver/saver-builders";
import type { TfjsLayer, TfjsModel } from "../tensorflowjs.js";

/** The node of a layer without weights. */
const NOTHING: Trackable = { gatherSaveablesForCheckpoint: () => ({}) };

/**
 * A model with the children of Keras' models: those of Keras 3 (`_operations` in a functional model, `_functional` above it in a
 * sequential one) and those of Keras 2 (`layer_with_weights-0`, `layer-0`). They lead to the same layers, so each weight is saved
 * once, and both restore it.
 */
export class ModelNode implements Trackable {
  readonly #operations: Trackable = node(() => this.#operationsOf());
  readonly #functional: Trackable = node(() => new Map([["_operations", this.#operations]]));

  /**
   * @param nodeOf - returns the object of a layer
   * @param optimizer - returns the object of the optimizer, if there is one
   */
  constructor(
    private readonly model: TfjsModel,
    private readonly nodeOf: (layer: TfjsLayer) => Trackable,
    private readonly optimizer: () => Trackable | undefined = () => undefined,
  ) {}

  gatherSaveablesForCheckpoint(): Readonly<Record<string, never>> {
    return {};
  }

  trackableChildren(): ReadonlyMap<string, object> {
    const children = new Map<string, object>([
      ["_functional", this.#functional],
      ["_operations", this.#operations],
    ]);
    // Keras 2 does not count the input layer of a sequential model.
    const layers = this.#isSequential ? this.model.layers.filter((layer) => !isInput(layer)) : this.model.layers;
    let weighted = 0;
    for (const [index, layer] of layers.entries()) {
      const node = this.nodeOf(layer);
      if (layer.weights.length > 0) children.set(`layer_with_weights-${weighted++}`, node);
      children.set(`layer-${index}`, node);
    }
    const optimizer = this.optimizer();
    if (optimizer !== undefined) children.set("optimizer", optimizer);
    return children;
  }

  get #isSequential(): boolean {
    return this.model.getClassName() === "Sequential";
  }

  /** In Keras 3, the input layer of a sequential model is the first operation. TensorFlow.js has none, unless it was added. */
  #operationsOf(): ReadonlyMap<string, object> {
    const { layers } = this.model;
    const [first] = layers;
    const lacksInput = this.#isSequential && first !== undefined && !isInput(first);
    const nodes = layers.map((layer) => this.nodeOf(layer));
    return new Map((lacksInput ? [NOTHING, ...nodes] : nodes).map((node, index) => [String(index), node]));
  }
}

function node(children: () => ReadonlyMap<string, object>): Trackable {
  return { gatherSaveablesForCheckpoint: () => ({}), trackableChildren: children };
}

function isInput(layer: TfjsLayer): boolean {
  return layer.getClassName() === "InputLayer";
}
