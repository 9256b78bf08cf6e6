import type { Saver } from "@tfsaver/saver";
import { expectTypeOf, test } from "vitest";
import type { ManagedSaver } from "../src/index.js";

test("Saver is a ManagedSaver", () => {
  expectTypeOf<Saver>().toExtend<ManagedSaver>();
});
