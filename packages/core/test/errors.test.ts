import * as core from "@tfsaver/core";
import { CancelledError, CheckpointError, DataLossError, isCheckpointError, throwIfAborted } from "@tfsaver/core";
import { describe, expect, it } from "vitest";

type ErrorClass = new (message: string, context?: core.ErrorContext) => CheckpointError;
const classes = Object.entries(core).filter(
  ([name, value]) => name.endsWith("Error") && typeof value === "function" && name !== "CheckpointError",
) as unknown as [string, ErrorClass][];
const classNames = classes.filter(([name]) => name !== "isCheckpointError").map(([name]) => name);

describe("errors", () => {
  it("are one for each status code of TensorFlow, and three of Python's", () => {
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

  it("carry their kind as name, and what they are about", () => {
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
      });
      expect(error).toBeInstanceOf(CheckpointError);
      expect(String(error)).toBe(`${name}: what`);
      expect(error.stack).toContain("what");
    }
  });

  it("have no property for what is not known", () => {
    const error = new DataLossError("what");
    for (const key of ["path", "offset", "tensor", "op"]) expect(error).toHaveProperty(key, undefined);
    expect("cause" in error).toBe(false);
  });
});

describe("isCheckpointError", () => {
  it("tells kinds apart", () => {
    const error: unknown = new DataLossError("x");
    expect(isCheckpointError(error)).toBe(true);
    expect(isCheckpointError(error, "DataLossError")).toBe(true);
    expect(isCheckpointError(error, "NotFoundError", "DataLossError")).toBe(true);
    expect(isCheckpointError(error, "NotFoundError")).toBe(false);
  });

  it("knows the errors of another copy of this package", () => {
    class Other extends Error {
      readonly kind = "NotFoundError";
    }
    expect(isCheckpointError(new Other(), "NotFoundError")).toBe(true);
  });

  it("knows no others", () => {
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
