import { toTensor } from "@tfsaver/core";
import { MemoryStorage } from "@tfsaver/storage";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { columns } from "../../src/output/columns.js";
import { tfckpt } from "../run-cli.js";

const storage = new MemoryStorage();
beforeAll(async () => {
  const writer = new BundleWriter("m", { storage });
  await writer.add("層/核", toTensor([1]));
  await writer.finish();
});
afterEach(() => vi.unstubAllEnvs());

const ESCAPE = "\u001b[";
const printed = async (terminal: boolean) => (await tfckpt(["ls", "m"], { storage, terminal })).stdout;

describe("tables", () => {
  it("are not widened by one cell of any length", () => {
    const long = "x".repeat(100_000);
    expect(
      columns([
        ["a", "1"],
        [long, "2"],
        ["bcd", "3"],
      ]),
    ).toEqual(["a    1", `${long}  2`, "bcd  3"]);
  });

  it("count wide characters as two places, and combining ones as none", () => {
    expect(
      columns([
        ["層/核", "a"],
        ["abcde", "b"],
        ["e\u0301", "c"],
      ]),
    ).toEqual(["層/核  a", "abcde  b", "e\u0301      c"]);
  });
});

describe("colors", () => {
  it("are for terminals", async () => {
    expect(await printed(true)).toContain(ESCAPE);
    expect(await printed(false)).not.toContain(ESCAPE);
  });

  it.each([
    [{ FORCE_COLOR: "1" }, false, true],
    [{ FORCE_COLOR: "0" }, true, false],
    [{ NO_COLOR: "1" }, true, false],
    [{ NO_COLOR: "1", FORCE_COLOR: "1" }, true, false],
    [{ TERM: "dumb" }, true, false],
  ])("with %j, on a terminal: %s", async (env, terminal, colored) => {
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    expect((await printed(terminal)).includes(ESCAPE)).toBe(colored);
  });
});
