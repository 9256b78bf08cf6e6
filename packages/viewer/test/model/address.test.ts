import fc from "fast-check";
import { expect, it } from "vitest";
import { formatAddress, parseAddress, START, VIEW_NAMES } from "../../src/model/address.js";
import { formatAmount } from "../../src/model/amount.js";
import { stepOf } from "../../src/model/step.js";

it("an address is read back as it was written, whatever names there are", () => {
  // Halves of surrogate pairs cannot stand in a URL.
  const text = fc.string({ unit: "grapheme" });
  const address = fc.record({
    view: fc.constantFrom(...VIEW_NAMES),
    checkpoint: fc.option(text, { nil: undefined }),
    tensor: fc.option(text, { nil: undefined }),
    params: fc.dictionary(fc.constantFrom("q", "slice", "sort", "a b&c=d#"), text, { noNullPrototype: true }),
  });
  fc.assert(
    fc.property(address, (one) => {
      expect(parseAddress(`#${formatAddress(one)}`)).toEqual(one);
    }),
  );
});

it("an address that is not understood shows the start", () => {
  for (const hash of ["", "#", "#nothing", "#<script>"]) expect(parseAddress(hash)).toEqual(START);
  expect(parseAddress("#tensors?%zz&tensor=%E0%A4%A")).toMatchObject({ view: "tensors" });
});

it("amounts have three digits", () => {
  expect([0, 999, 1000, 1234, 86_600_000, 999_999, 1.5e9, 2e15].map(formatAmount)).toEqual([
    ...["0", "999", "1K", "1.23K", "86.6M", "1M", "1.5B", "2000T"],
  ]);
});

it("a step is the number at the end of a prefix", () => {
  expect(["run/model.ckpt-7", "model-12-?????-of-00002", "model", "model-7b"].map(stepOf)).toEqual([
    ...[7, 12, undefined, undefined],
  ]);
});
