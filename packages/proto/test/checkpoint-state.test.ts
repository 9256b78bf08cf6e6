import { CheckpointState, checkpointStateFromText, checkpointStateToText } from "@tfsaver/proto/checkpoint-state";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonLines } from "../../../fixtures/json-lines.js";
import texts from "./tensorflow-texts.jsonl?raw";

const text = (fields: Partial<CheckpointState>) => checkpointStateToText(CheckpointState.create(fields));

/** Parses a number as tensorflow-texts.py writes it. */
function plain(value: number): number | string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  return Object.is(value, -0) ? "-0" : value;
}

describe("checkpointStateToText", () => {
  // Observed in TensorFlow 2.21.
  it("escapes as Python does, leaving UTF-8 as it is", () => {
    const modelCheckpointPath = "/x/a\"b'c\\d\ne\tfé漢\u0001\u007f\r";
    const written = 'model_checkpoint_path: "/x/a\\"b\\\'c\\\\d\\ne\\tfé漢\\001\\177\\r"\n';
    expect(text({ modelCheckpointPath })).toBe(written);
    expect(checkpointStateFromText(written).modelCheckpointPath).toBe(modelCheckpointPath);
  });

  // repr() of the same numbers in Python 3.
  it.each([
    [1, "1.0"],
    [-0, "-0.0"],
    [0.5, "0.5"],
    [1700000000.1234567, "1700000000.1234567"],
    [1e15, "1000000000000000.0"],
    [1e16, "1e+16"],
    [1.5e16, "1.5e+16"],
    [1e22, "1e+22"],
    [123456789012345680, "1.2345678901234568e+17"],
    [0.0001, "0.0001"],
    [0.00012, "0.00012"],
    [0.00001, "1e-05"],
    [1.5e-7, "1.5e-07"],
    [5e-324, "5e-324"],
    [1.7976931348623157e308, "1.7976931348623157e+308"],
    [-2.5, "-2.5"],
    [100, "100.0"],
    [Number.POSITIVE_INFINITY, "inf"],
    [Number.NEGATIVE_INFINITY, "-inf"],
    [Number.NaN, "nan"],
  ])("writes the double %s as %s", (value, written) => {
    expect(text({ lastPreservedTimestamp: value })).toBe(`last_preserved_timestamp: ${written}\n`);
    expect(text({ allModelCheckpointTimestamps: [value] })).toBe(`all_model_checkpoint_timestamps: ${written}\n`);
  });

  it("omits empty fields, but not empty list elements", () => {
    expect(text({})).toBe("");
    expect(text({ allModelCheckpointPaths: [""], allModelCheckpointTimestamps: [0] })).toBe(
      'all_model_checkpoint_paths: ""\nall_model_checkpoint_timestamps: 0.0\n',
    );
  });

  it("is read back unchanged", () => {
    const state = fc.record({
      modelCheckpointPath: fc.string({ unit: "grapheme" }),
      allModelCheckpointPaths: fc.array(fc.string({ unit: "binary" })),
      allModelCheckpointTimestamps: fc.array(fc.double()),
      lastPreservedTimestamp: fc.double(),
    });
    fc.assert(
      fc.property(state, (fields) => {
        expect(checkpointStateFromText(text(fields))).toEqual(fields);
      }),
    );
  });
});

describe("checkpointStateFromText", () => {
  // tensorflow-texts.jsonl is what tensorflow-texts.py, beside it, printed with TensorFlow 2.21.
  const lines = jsonLines<[string, unknown]>(texts);

  it.each(lines)("reads %j as Python does", (source, expected) => {
    if (expected === "ParseError") {
      expect(() => checkpointStateFromText(source)).toThrow(
        expect.objectContaining({ kind: "DataLossError", message: expect.stringMatching(/^line \d+, column \d+: /) }),
      );
      return;
    }
    const state = checkpointStateFromText(source);
    expect([
      state.modelCheckpointPath,
      state.allModelCheckpointPaths,
      state.allModelCheckpointTimestamps.map(plain),
      plain(state.lastPreservedTimestamp),
    ]).toEqual(expected);
  });

  it("reports the position of an error", () => {
    expect(() => checkpointStateFromText("# é\nmodel_checkpoint_path: 'a'\n  nonsense: 1")).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^line 3, column \d+: there is no field "nonsense"$/) }),
    );
  });

  it("ends with a DataLossError, or a state, for any text", () => {
    const piece = fc.constantFrom(
      "model_checkpoint_path",
      ":",
      "'",
      '"',
      "\\",
      "[",
      "]",
      ",",
      "1",
      "e",
      "#",
      "\n",
      "\\x",
      "é",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string())), (pieces) => {
        try {
          checkpointStateFromText(pieces.join(""));
        } catch (error) {
          expect(error).toMatchObject({ kind: "DataLossError" });
        }
      }),
    );
  });

  it("finishes for long repetitions of any token", () => {
    const long = (piece: string) => piece.repeat(300_000);
    for (const piece of [" ", "# \n", "\n", "\u2003"]) expect(checkpointStateFromText(long(piece))).toBeDefined();
    expect(checkpointStateFromText(`model_checkpoint_path: '${long("é")}'`).modelCheckpointPath.length).toBe(300_000);
    for (const piece of ["1", "1_", "-", ".", "a", "'", "[", "\\", "1e", "f"]) {
      for (const field of ["", "last_preserved_timestamp: ", "model_checkpoint_path: "]) {
        const source = `${field}${long(piece)} x`;
        expect(() => checkpointStateFromText(source), `${field}${piece}…`).toThrow(
          expect.objectContaining({ kind: "DataLossError" }),
        );
      }
    }
  });
});
