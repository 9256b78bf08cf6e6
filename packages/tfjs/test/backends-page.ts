import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { type Counts, type RepeatedRestores, repeatedRestores } from "./repeated-restores.js";

let restores: RepeatedRestores;

/** The calls that tests make in a tab. */
const tab = {
  /** Builds the models. Returns the backend that is used. */
  async start(backend: "cpu" | "wasm" | "webgl"): Promise<string> {
    setWasmPaths("/");
    await tf.setBackend(backend);
    restores = await repeatedRestores();
    return tf.getBackend();
  },
  restore(times: number): Promise<void> {
    return restores.restore(times);
  },
  counts(): Counts {
    return restores.counts();
  },
  /** How far the predictions are from those of the model that was saved. */
  difference(): number {
    return restores.difference();
  },
};

export type Tab = typeof tab;

Object.assign(globalThis, { tab });
