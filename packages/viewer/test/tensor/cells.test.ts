import { ALL_DTYPES, makeTensor, toTensor, zeroTensor } from "@tfsaver/core";
import { describe, expect, it } from "vitest";
import { cellKind, cellReader, cellText, columnWidth, toTsv } from "../../src/model/tensor/cell-text.js";
import { hexLines } from "../../src/model/tensor/hex-lines.js";
import { tableOf } from "../../src/model/tensor/vocabulary.js";

const bytes = (text: string) => new TextEncoder().encode(text);
const plain = (element: Parameters<typeof cellKind>[0]) => ({ element, length: undefined });

describe("the text of a cell", () => {
  it("is there for every dtype", () => {
    for (const dtype of ALL_DTYPES.filter((name) => name !== "resource")) {
      const element = cellReader(
        dtype === "variant" ? makeTensor("variant", [1], [bytes("v")]) : zeroTensor(dtype, [1]),
      )(0);
      expect(cellText(plain(element), dtype, "text").length).toBeGreaterThan(0);
      expect(columnWidth(dtype)).toBeGreaterThan(0);
    }
  });

  it("escapes what hides or reorders, and tells the length of a string that is cut", () => {
    expect(cellText(plain(bytes('<b>"\u202e\n')), "string", "text")).toBe('"<b>\\"\\u202e\\n"');
    expect(cellText({ element: bytes("ab"), length: 5000 }, "string", "text")).toBe('"ab"… (5,000 bytes)');
    expect(cellText(plain(bytes("ab")), "string", "hex")).toBe("61 62");
    expect(cellText(plain(bytes("ab")), "variant", "text")).toBe("61 62");
  });

  it("has a kind where a number is to be seen at once", () => {
    expect([Number.NaN, Number.NEGATIVE_INFINITY, 0, 0n, 1, true].map(cellKind)).toEqual([
      "nan",
      "infinite",
      "zero",
      "zero",
      "",
      "",
    ]);
    expect(cellKind([0, Number.NaN])).toBe("nan");
  });

  it("is joined by tabs", () => {
    expect(toTsv(2, 2, (row, column) => `${row}${column}`)).toBe("00\t01\n10\t11");
  });
});

describe("the table of a tensor", () => {
  const catalog = (shapes: Readonly<Record<string, readonly number[]>>) => ({
    get: (name: string) => {
      const shape = shapes[name];
      return (
        shape && {
          name,
          dtype: toTensor(0).dtype,
          shape,
          size: 0,
          shard: 0,
          slices: 0,
          inParts: true,
          hasChecksum: true,
        }
      );
    },
  });

  it("is found by its keys or its values, name-based and object-based", () => {
    for (const start of ["table-", "model/table/.ATTRIBUTES/table-"]) {
      const table = { keys: `${start}keys`, values: `${start}values` };
      const all = catalog({ [table.keys]: [3], [table.values]: [3, 2] });
      expect(tableOf(all, table.keys)).toEqual(table);
      expect(tableOf(all, table.values)).toEqual(table);
    }
  });

  it("is none without the other tensor, or if the sizes differ", () => {
    expect(tableOf(catalog({ "t-keys": [3] }), "t-keys")).toBeUndefined();
    expect(tableOf(catalog({ "t-keys": [3], "t-values": [4] }), "t-keys")).toBeUndefined();
    expect(tableOf(catalog({ keys: [3], values: [3] }), "keys")).toBeUndefined();
  });
});

describe("bytes that are no tensor", () => {
  it("are lines of an offset, hex, and text without control characters", () => {
    expect(hexLines(Uint8Array.of(0x41, 0, 0x1b, 0xff))).toBe(`00000000  ${"41 00 1b ff".padEnd(48)} A...`);
    expect(hexLines(new Uint8Array(17)).split("\n")[1]).toMatch(/^00000010 {2}00/);
  });
});
