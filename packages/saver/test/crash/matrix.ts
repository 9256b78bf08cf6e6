import { describe, expect, it } from "vitest";
import { tried } from "../../../../tests/thorough.js";
import { crashesOf } from "./crashes.js";
import type { Kind } from "./histories.js";
import { Model } from "./history.js";
import { checkDebris, checkNextSave, checkReaders } from "./survivors.js";

/** Tests that a saver of each kind leaves the old state or the new one, whenever it is stopped. */
export function crashMatrix(kinds: readonly Kind[]): void {
  describe.each(kinds)("$name", (kind) => {
    it("leaves the old state or the new one, whenever it is stopped", async () => {
      const model = new Model();
      const { stops, crashes } = await crashesOf(kind, model);
      expect(stops).toBeGreaterThan(100);
      for (const { label, storages, ...rest } of tried(crashes)) {
        const [first, second] = storages;
        const survivors = { ...rest, kind, model };
        try {
          await checkReaders(first, survivors);
          await checkDebris(first, survivors);
          await checkNextSave(second, survivors);
        } catch (error) {
          const names = await first.list("/run").then((entries) => entries.map(({ name }) => name).sort());
          throw new Error(`${label}: ${(error as Error).message}\n${names.join(" ")}`, { cause: error });
        }
      }
    }, 600_000);
  });
}
