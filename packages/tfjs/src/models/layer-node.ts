import { UnimplementedError } from "@tfsaver/core";
import type { Trackable } from "@tfsaver/saver-builders";
import { isModel, type TfjsLayer } from "../tensorflowjs.js";
import { saveableOf } from "../values/variable-saveable.js";
import { ModelNode } from "./model-node.js";

/** Other names of weights: Keras 3 has a few that begin with `_`, and another one for depthwise kernels. */
const ALIASES: Readonly<Record<string, string>> = {
  kernel: "_kernel",
  embeddings: "_embeddings",
  depthwise_kernel: "kernel",
};

/** Properties that hold layers within a layer, and the names of Keras' edges to them. */
const INNER: Readonly<Record<string, string>> = {
  cell: "cell",
  forwardLayer: "forward_layer",
  backwardLayer: "backward_layer",
  layer: "layer",
};

/** A bidirectional layer also keeps the layer that it was made from, which it does not use. */
const isUsed = (property: string, layer: TfjsLayer) => property !== "layer" || !("forwardLayer" in layer);

/** A layer with the children that Keras' layer of the same kind has, Keras 2's and Keras 3's. */
class LayerNode implements Trackable {
  constructor(private readonly layer: TfjsLayer) {}

  gatherSaveablesForCheckpoint(): Readonly<Record<string, never>> {
    return {};
  }

  trackableChildren(): ReadonlyMap<string, object> {
    const inner = innerLayersOf(this.layer);
    return inner.size > 0 ? inner : weightsOf(this.layer);
  }
}

/** The cells of stacked recurrent cells. */
class CellsNode implements Trackable {
  constructor(private readonly cells: readonly TfjsLayer[]) {}

  gatherSaveablesForCheckpoint(): Readonly<Record<string, never>> {
    return {};
  }

  trackableChildren(): ReadonlyMap<string, object> {
    return new Map(this.cells.map((cell, index) => [String(index), layerNode(cell)]));
  }
}

function innerLayersOf(layer: TfjsLayer): Map<string, object> {
  const inner = new Map<string, object>();
  for (const [property, edge] of Object.entries(INNER)) {
    const value: unknown = (layer as unknown as Record<string, unknown>)[property];
    if (isLayer(value) && isUsed(property, layer)) inner.set(edge, layerNode(value));
  }
  if ("cells" in layer && Array.isArray(layer.cells))
    inner.set(
      "cells",
      nodeOf(layer.cells, () => new CellsNode(layer.cells as TfjsLayer[])),
    );
  return inner;
}

function isLayer(value: unknown): value is TfjsLayer {
  return typeof value === "object" && value !== null && "getClassName" in value && "weights" in value;
}

/** @throws `UnimplementedError` if two weights have the same last name. */
function weightsOf(layer: TfjsLayer): Map<string, object> {
  const weights = new Map<string, object>();
  for (const weight of layer.weights) {
    const name = weight.originalName.slice(weight.originalName.lastIndexOf("/") + 1);
    if (weights.has(name)) {
      throw new UnimplementedError(
        `The layer ${layer.name} (${layer.getClassName()}) has two weights named ${name}, so its place in a Keras checkpoint is not ` +
          "known. Use saveablesOf, or loadWeights with a map.",
      );
    }
    weights.set(name, saveableOf(weight));
  }
  for (const [name, saveable] of [...weights]) {
    const alias = ALIASES[name];
    if (alias !== undefined && !weights.has(alias)) weights.set(alias, saveable);
  }
  return weights;
}

const nodes = new WeakMap<object, Trackable>();

function nodeOf(object: object, make: () => Trackable): Trackable {
  const node = nodes.get(object) ?? make();
  nodes.set(object, node);
  return node;
}

/** Returns the object of a layer: always the same one, so that shared layers are saved once. */
export function layerNode(layer: TfjsLayer): Trackable {
  return nodeOf(layer, () => (isModel(layer) ? new ModelNode(layer, layerNode) : new LayerNode(layer)));
}
