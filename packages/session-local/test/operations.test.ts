import { isCheckpointError, type Tensor } from "@tfsaver/core";
import { expect, test } from "vitest";
import { LocalSession } from "../src/index.js";
import { type Described, described, fixture } from "./meta-files.js";

interface ExpectedError {
  readonly error: string;
  readonly message: string;
}

const { graph, expected } = fixture<Described | ExpectedError>("operations");

test.for(Object.entries(expected))("%s gives what TensorFlow gives", async ([name, wanted]) => {
  const running = new LocalSession(graph).run(`${name}:0`);
  if (!("error" in wanted)) {
    expect(described((await running) as Tensor)).toEqual(wanted);
    return;
  }
  const error = await running.catch((reason: unknown) => reason);
  if (!isCheckpointError(error)) throw error;
  expect(error).toMatchObject({ kind: wanted.error, op: name, message: wanted.message });
});
