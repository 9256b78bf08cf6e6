import { makeTensor, toTensor } from "@tfsaver/core";

/** A tensor of each dtype that TensorFlow.js has, one without elements, and a large one. */
export const TFJS_WEIGHTS = {
  kernel: toTensor([
    [1.5, -2],
    [3, Number.NaN],
  ]),
  step: toTensor(7, "int32"),
  flag: toTensor([true, false]),
  wave: makeTensor("complex64", [1], Float32Array.of(1, 2)),
  words: toTensor([
    ["a", ""],
    ["längere", "zz"],
  ]),
  none: makeTensor("float32", [0, 3], new Float32Array()),
  large: makeTensor(
    "float32",
    [300, 1000],
    Float32Array.from({ length: 300_000 }, (_, i) => i),
  ),
};
