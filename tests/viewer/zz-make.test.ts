import { join } from "node:path";
import { makeTensor } from "@tfsaver/core";
import { test } from "vitest";
import { floats, strings, writeTensors } from "./tensor/tensors.js";
import { writeLargeTensor } from "./checkpoints.js";
test("make", async () => {
  const gauss = () => (Math.random() + Math.random() + Math.random() + Math.random() - 2) / 10;
  await writeTensors(join("/tmp/shots/data-QP1Y", "m"), {
    "conv/kernel": floats([3, 3, 16, 32], gauss),
    "dense/kernel": floats([784, 300], (i) => gauss() + Math.sin(i / 300 / 20) / 20),
    specials: floats([40, 6], (i) => (i % 37 === 0 ? NaN : i % 53 === 0 ? Infinity : gauss())),
    "vocab-keys": strings([5000], Array.from({ length: 5000 }, (_, i) => "token " + i + (i % 9 ? "" : " ünïcode \u202e"))),
    "vocab-values": makeTensor("int64", [5000], BigInt64Array.from({ length: 5000 }, (_, i) => BigInt(i))),
    big: floats([4096, 1024], gauss),
  });
  await writeLargeTensor("/tmp/shots/data-QP1Y", "large", [1_310_720, 1024]);
});
