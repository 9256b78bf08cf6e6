import type { Checkpoint, ManagedCheckpoint } from "@tfsaver/object-checkpoint";
import type { Saver } from "@tfsaver/saver";
import { expectTypeOf, test } from "vitest";
import type { ManagedSaver, ManagedSaverSource } from "../src/index.js";

test("Saver is a ManagedSaver", () => {
  expectTypeOf<Saver>().toExtend<ManagedSaver>();
});

test("ManagedCheckpoint is a ManagedSaver, and Checkpoint stands for one", () => {
  expectTypeOf<ManagedCheckpoint>().toExtend<ManagedSaver>();
  expectTypeOf<Checkpoint>().toExtend<ManagedSaverSource>();
});
