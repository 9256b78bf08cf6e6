/** Formats that tensors can be read from, and apart from Keras' written to. */
export type InterchangeFormat = "safetensors" | "npz" | "tfjs" | "keras";

const ENDINGS: readonly (readonly [ending: RegExp, format: InterchangeFormat])[] = [
  [/\.safetensors$|\.safetensors\.[a-z]+\.json$/, "safetensors"],
  [/\.npz$/, "npz"],
  [/\.keras$|\.h5$|\.hdf5$|\.weights\.json$/, "keras"],
  [/(?:^|\/)[^/]*model[^/]*\.json$/, "tfjs"],
];

/**
 * Returns the format that the ending of a path means: `.safetensors` or the index of a set of them, `.npz`, the
 * `model.json` of TensorFlow.js, or another `.json` with `model` in its name, `.keras`, `.h5`, `.hdf5` or
 * `.weights.json`, the index of Keras' weights; `undefined` for any other, which may be a checkpoint.
 */
export function interchangeFormat(path: string): InterchangeFormat | undefined {
  return ENDINGS.find(([ending]) => ending.test(path))?.[1];
}
