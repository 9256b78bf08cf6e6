import { withPrefix } from "@tfsaver/storage/wrappers";
import { describe, expect, it } from "vitest";
import { Model } from "../../saver/test/crash/history.js";
import { checkDebris, checkNextSave, checkReaders } from "../../saver/test/crash/survivors.js";
import { freshFolder } from "./fresh-folder.js";
import { sample } from "./stopped-saver.js";
import { startWorker } from "./worker.js";

/** Number of operations at which the saver of each kind is stopped. */
const STOPS = 5;

describe.each([...sample.entries()])("%i: $name", (index, kind) => {
  it("a worker that is ended in the middle of a save leaves the old checkpoint or the new one", async () => {
    const folder = await freshFolder();
    const whole = startWorker();
    const { operations } = await whole.call("runUntilStopped", { root: folder.root, kind: index, at: -1 });
    whole.terminate();
    await folder.cleanup?.();
    expect(operations).toBeGreaterThan(100);
    const model = new Model();
    for (let stop = 1; stop <= STOPS; stop++) {
      const { root, storage, cleanup } = await freshFolder();
      const worker = startWorker();
      const at = Math.floor((stop * operations) / (STOPS + 1));
      const { expectation } = await worker.call("runUntilStopped", { root, kind: index, at });
      worker.terminate();
      if (expectation === undefined)
        throw new Error(`the saver was not stopped before operation ${at} of ${operations}`);
      const left = withPrefix(storage, root);
      const survivors = { kind, expectation, model, lostPower: false };
      try {
        await checkReaders(left, survivors);
        await (stop % 2 === 0 ? checkDebris(left, survivors) : checkNextSave(left, survivors));
      } catch (cause) {
        throw new Error(`stopped before operation ${at}: ${(cause as Error).message}`, { cause });
      }
      await cleanup?.();
    }
  }, 120_000);
});
