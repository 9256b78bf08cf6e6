import { crc32c } from "@tfsaver/core/coding";
import { afterEach, expect, it, vi } from "vitest";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

it("needs no WebAssembly for long messages, which a page's policy may forbid", async () => {
  const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => i * i);
  const expected = crc32c(bytes);
  const forbidden = vi.fn(function compile() {
    throw new WebAssembly.CompileError("blocked by CSP");
  });
  vi.resetModules();
  vi.stubGlobal("WebAssembly", { Module: forbidden, CompileError: Error });
  const { crc32c: another } = await import("@tfsaver/core/coding");
  expect(another(bytes)).toBe(expected);
  expect(forbidden).toHaveBeenCalledOnce();
});
