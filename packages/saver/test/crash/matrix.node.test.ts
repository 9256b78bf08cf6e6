import type { MemoryStorage } from "@tfsaver/storage";
import { describe, expect, it } from "vitest";
import { filesIn } from "../../../../fixtures/storage-files.js";
import { crashesOf } from "./crashes.js";
import { kinds } from "./histories.js";
import { Model } from "./history.js";
import { checkDebris, checkNextSave, checkReaders } from "./survivors.js";

describe.each(kinds)("$name", (kind) => {
  it("leaves the old state or the new one, wherever it is stopped", async () => {
    const model = new Model();
    const crashes = await crashesOf(kind, model);
    expect(crashes.length).toBeGreaterThan(200);
    for (const { label, storages, ...rest } of crashes) {
      const [first, second] = storages as [MemoryStorage, MemoryStorage];
      const survivors = { ...rest, kind, model };
      try {
        await checkReaders(first, survivors);
        await checkDebris(first, survivors);
        await checkNextSave(second, survivors);
      } catch (error) {
        const names = await filesIn(first, "/run");
        throw new Error(`${label}: ${(error as Error).message}\n${names.join(" ")}`, { cause: error });
      }
    }
  }, 120_000);
});
