import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { Checkpoint } from "@tfsaver/object-checkpoint";
import { expect, it } from "vitest";
import { objectGolden, objectGoldenPath } from "../../../fixtures/object-goldens.js";
import { trackable } from "../src/index.js";
import { closeTo, functionalModel, tensorOf } from "./models.js";

it("restores a Keras model on the backend wasm, and predicts as Keras did", async () => {
  await tf.setBackend("wasm");
  expect(tf.getBackend()).toBe("wasm");
  const golden = objectGolden("keras-functional-sgd");
  const model = functionalModel();
  const path = objectGoldenPath(golden.case, "ckpt-1");
  const root = trackable(model);
  (await new Checkpoint({}, { root }).restore(path)).expectPartial();
  const predictions = model.predict(tensorOf(golden.inputs)) as tf.Tensor;
  closeTo(await predictions.data(), golden.predictions_after_restore.values, 1e-5);
});
