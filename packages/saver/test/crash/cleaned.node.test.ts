import { findDebris, removeDebris } from "@tfsaver/checkpoint-files";
import { PowerLossStorage } from "@tfsaver/testing";
import { describe, expect, it } from "vitest";
import { kinds } from "./histories.js";
import { FOLDER, History, Model } from "./history.js";
import { checkReaders, furnish } from "./survivors.js";

describe.each(kinds)("$name", (kind) => {
  it("is not harmed by a cleaner that runs before every operation, whatever the age of the files", async () => {
    const model = new Model();
    let isCleaning = true;
    let cleanings = 0;
    const storage: PowerLossStorage = new PowerLossStorage({
      onStep: async () => {
        if (isCleaning) return;
        isCleaning = true;
        expect(await removeDebris(FOLDER, { storage, olderThan: 0 })).toEqual([]);
        cleanings++;
        isCleaning = false;
      },
    });
    await furnish(storage);
    const history = new History(model, storage, kind.options, kind.returned);
    isCleaning = false;
    await history.run(kind.steps);
    isCleaning = true;
    expect(cleanings).toBeGreaterThan(50);
    await checkReaders(storage, { kind, expectation: history.expectation, model, lostPower: false });
    expect(await findDebris(FOLDER, { storage, olderThan: 0 })).toEqual([]);
  });
});
