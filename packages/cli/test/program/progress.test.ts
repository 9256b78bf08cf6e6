import { MemoryStorage } from "@tfsaver/storage";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ExitCode } from "../../src/errors.js";
import { Output } from "../../src/output/output.js";
import { withProgress } from "../../src/output/progress.js";
import { FakeStream } from "../run-cli.js";

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

/** Returns what is written to standard error during ten steps of the given milliseconds. */
async function shown(terminal: boolean, step: number): Promise<string> {
  const stderr = new FakeStream(terminal);
  const context = {
    stdout: new Output(new FakeStream()),
    stderr: new Output(stderr),
    storage: new MemoryStorage(),
    signal: new AbortController().signal,
    exitCode: ExitCode.good,
    subject: undefined,
    explain: async () => undefined,
    sayMore: async () => undefined,
    onWarning: () => undefined,
  };
  await withProgress("verify", context, async ({ update }) => {
    for (let done = 1; done <= 10; done++) {
      vi.advanceTimersByTime(step);
      update({ done: done * 1024, total: 10240, tensor: "a" });
    }
  });
  return stderr.text;
}

describe("progress", () => {
  it("appears on a terminal for slow work, and is removed at the end", async () => {
    const text = await shown(true, 200);
    expect(text).toContain("verify ███████░░░░░░░░░░░░░░░░░ 30% of 10.0 KiB");
    expect(text.endsWith("\r\u001b[K")).toBe(true);
  });

  it("does not appear for quick work", async () => {
    expect(await shown(true, 1)).toBe("");
  });

  it("does not appear if the output is not a terminal", async () => {
    expect(await shown(false, 1000)).toBe("");
  });
});
