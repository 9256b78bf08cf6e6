import { MemoryStorage } from "@tfsaver/storage";
import { CountingStorage, FaultyStorage, type StorageOperation } from "@tfsaver/testing";
import { describe, expect, it } from "vitest";
import { type Kind, kinds } from "./histories.js";
import { History, Model } from "./history.js";
import { furnish } from "./survivors.js";

/** A lock holds a random number, and the records hold times. */
const VARYING = /\.saving$|\.records\.json/;

/** Returns one line for an operation, without what differs from run to run: random numbers and the length of files that vary. */
function lineOf({ kind, path, to, offset, length }: StorageOperation): string {
  const numbers = [
    offset === undefined || VARYING.test(path) ? "" : ` at ${offset}`,
    length === undefined || VARYING.test(path) ? "" : ` ${length} bytes`,
  ].join("");
  const text = `${kind} ${path}${to === undefined ? "" : ` -> ${to}`}${numbers}`;
  return text.replace(/\.tempstate\d{2,}/g, ".tempstate*").replace(/\.tmp[0-9a-f]{32}/g, ".tmp*");
}

/** Returns the operations of a history in which the n-th one fails. */
async function operationsOf(kind: Kind, steps: Kind["steps"], n?: number): Promise<string[]> {
  const inner = new MemoryStorage();
  await furnish(inner);
  const storage = new CountingStorage(new FaultyStorage(inner, { fail: n }));
  await new History(new Model(), storage, kind.options, kind.returned).run(steps, () => undefined);
  return storage.operations.map(lineOf);
}

function fileOf({ name }: Kind, ending = ""): string {
  return `recorded/${name.replace(/[^\w]+/g, "-")}${ending}.txt`;
}

describe.each(kinds)("$name", (kind) => {
  it("saves by the recorded steps", async () => {
    const operations = await operationsOf(kind, kind.steps);
    await expect(`${operations.join("\n")}\n`).toMatchFileSnapshot(fileOf(kind));
  });

  it("rolls back by the recorded steps when the flush of a new checkpoint's name fails", async () => {
    const steps = kind.steps.slice(0, 2);
    const lines = await operationsOf(kind, steps);
    const stateFile = lines.findLastIndex((line) => line.startsWith("create /run/checkpoint."));
    const n = lines.slice(0, stateFile).lastIndexOf("syncDirectory /run") + 1;
    const operations = await operationsOf(kind, steps, n);
    await expect(`${operations.join("\n")}\n`).toMatchFileSnapshot(fileOf(kind, "-failing"));
  });
});
