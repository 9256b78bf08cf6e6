import * as core from "@tfsaver/core";
import { CancelledError, CheckpointError, DataLossError, isCheckpointError, throwIfAborted } from "@tfsaver/core";
import { describe, expect, it } from "vitest";

type ErrorClass = new (message: string, context?: core.ErrorContext) => CheckpointError;
const classes = Object.entries(core).filter(
  ([name, value]) => name.endsWith("Error") && typeof value === "function" && name !== "CheckpointError",
) as unknown as [string, ErrorClass][];
const classNames = classes.filter(([name]) => name !== "isCheckpointError").map(([name]) => name);

describe("errors", () => {
  it("exist for each status code of TensorFlow, and for three of Python's exceptions", () => {
    expect(classNames.sort()).toEqual(
      [
        ...["Aborted", "AlreadyExists", "Cancelled", "DataLoss", "DeadlineExceeded", "FailedPrecondition", "Internal"],
        ...["InvalidArgument", "NotFound", "OutOfRange", "PermissionDenied", "ResourceExhausted", "Unavailable"],
        ...["Unimplemented", "Unknown", "Assertion", "Runtime", "Value"],
      ]
        .map((kind) => `${kind}Error`)
        .sort(),
    );
  });

  it("have their kind as name, and the file, tensor and offset concerned", () => {
    for (const [name, Class] of classes.filter(([name]) => name !== "isCheckpointError")) {
      const cause = new Error("below");
      const error = new Class("what", { path: "p", offset: 0, tensor: "t", op: "o", cause });
      expect(error).toMatchObject({
        kind: name,
        name,
        message: "what",
        path: "p",
        offset: 0,
        tensor: "t",
        op: "o",
        cause,
        more: `https://tfsaver.github.io/tfsaver/errors#${name.toLowerCase()}`,
      });
      expect(error).toBeInstanceOf(CheckpointError);
      expect(String(error)).toBe(`${name}: what`);
      expect(error.stack).toContain("what");
    }
  });

  it("have no properties for unknown details", () => {
    const error = new DataLossError("what");
    for (const key of ["path", "offset", "tensor", "op", "cause"]) expect(key in error).toBe(false);
  });
});

describe("isCheckpointError", () => {
  it("distinguishes kinds", () => {
    const error: unknown = new DataLossError("x");
    expect(isCheckpointError(error)).toBe(true);
    expect(isCheckpointError(error, "DataLossError")).toBe(true);
    expect(isCheckpointError(error, "NotFoundError", "DataLossError")).toBe(true);
    expect(isCheckpointError(error, "NotFoundError")).toBe(false);
  });

  it("accepts errors of another copy of this package", () => {
    class Other extends Error {
      readonly kind = "NotFoundError";
    }
    expect(isCheckpointError(new Other(), "NotFoundError")).toBe(true);
  });

  it("rejects other errors and values", () => {
    const kindless = Object.assign(new Error("x"), { kind: "toString" });
    for (const value of [undefined, null, "DataLossError", new Error("x"), new TypeError("x"), kindless]) {
      expect(isCheckpointError(value)).toBe(false);
    }
    expect(isCheckpointError({ kind: "DataLossError" })).toBe(false);
  });
});

describe("throwIfAborted", () => {
  it("throws a CancelledError with the reason as its cause", () => {
    throwIfAborted(undefined);
    throwIfAborted(new AbortController().signal);
    const reason = new Error("enough");
    expect(() => throwIfAborted(AbortSignal.abort(reason))).toThrow(CancelledError);
    expect(() => throwIfAborted(AbortSignal.abort(reason))).toThrow(expect.objectContaining({ cause: reason }));
  });
});
