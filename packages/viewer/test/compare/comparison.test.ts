import type { CheckpointDifference, ValueDifference } from "@tfsaver/checkpoint-tools";
import { expect, test } from "vitest";
import { comparedRows, countChanges, nameOf, shownRows } from "../../src/model/compare/comparison.js";

function values(largest: number | undefined, equalShare = 0.5): ValueDifference {
  return { elements: 2, differing: 1, equalShare, largest, mean: largest, cosine: largest };
}

const difference: CheckpointDifference = {
  equal: false,
  added: [{ name: "added", dtype: "float32", shape: [] }],
  removed: [{ name: "gone", dtype: "float32", shape: [] }],
  renamed: [{ from: "old", to: "new" }],
  changed: [
    { name: "a", dtypes: undefined, shapes: undefined, values: values(1) },
    { name: "b", dtypes: ["float32", "float64"], shapes: undefined, values: undefined },
    { name: "c", dtypes: undefined, shapes: undefined, values: values(Number.POSITIVE_INFINITY) },
    { name: "d", dtypes: undefined, shapes: undefined, values: values(Number.POSITIVE_INFINITY) },
    { name: "e", dtypes: undefined, shapes: undefined, values: values(undefined) },
  ],
  unchanged: 1,
};
const names = ["a", "b", "c", "d", "e", "gone", "old", "z"];

test("every tensor of both checkpoints is a row, in the order of names", () => {
  const rows = comparedRows(names, difference, [], true);
  expect(rows.map((row) => `${nameOf(row)} ${row.change}`)).toEqual([
    "a changed",
    "added added",
    "b changed",
    "c changed",
    "d changed",
    "e changed",
    "gone removed",
    "old renamed",
    "z equal",
  ]);
  expect(Object.fromEntries(countChanges(rows))).toEqual({ changed: 5, added: 1, removed: 1, renamed: 1, equal: 1 });
});

test("without values, a tensor of the same dtype and shape is not called equal", () => {
  expect(comparedRows(["z"], { ...difference, added: [] }, [], false)[0]?.change).toBe("same");
});

test("a damaged tensor is not called equal", () => {
  expect(comparedRows(["z"], { ...difference, added: [] }, ["z"], true)[0]?.change).toBe("damaged");
});

test("rows are sorted by difference, infinite ones first, those without a number last", () => {
  const rows = comparedRows(names, difference, [], true);
  const sorted = shownRows(rows, new Set(["changed"]), "", "largest").map(nameOf);
  expect(sorted).toEqual(["c", "d", "a", "e", "b"]);
});

test("a renamed tensor is found by either name", () => {
  const rows = comparedRows(names, difference, [], true);
  for (const text of ["OLD", "ne"]) expect(shownRows(rows, new Set(["renamed"]), text, "name")).toHaveLength(1);
  expect(shownRows(rows, new Set(["changed"]), "old", "name")).toHaveLength(0);
});
