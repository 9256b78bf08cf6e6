import "../../../tools/fuzz/allocations.js";
import { expect, it } from "vitest";
import { examine } from "../../../tools/fuzz/examine.js";
import { keptSubjects } from "../../../tools/fuzz/kept.js";
import { Random } from "../../../tools/fuzz/random.js";

it.each(keptSubjects())("$name, found by fuzzing, keeps the promise of examine", async (subject) => {
  await expect(examine(subject, subject.files, new Random(1))).resolves.toBeDefined();
});
