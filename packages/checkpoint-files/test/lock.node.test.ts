import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockPrefix } from "@tfsaver/checkpoint-files";
import { defaultStorage } from "@tfsaver/storage/default";
import { expect, it, vi } from "vitest";

it("fails after some seconds if a dangling link has the name of the lock", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tfsaver-lock-"));
  const now = Date.now;
  const start = now();
  vi.spyOn(Date, "now").mockImplementation(() => start + 20 * (now() - start));
  try {
    symlinkSync(join(folder, "gone"), join(folder, "m.saving"));
    const locking = lockPrefix(join(folder, "m"), { storage: defaultStorage(), onWarning: () => undefined });
    await expect(locking).rejects.toMatchObject({
      kind: "FailedPreconditionError",
      message: expect.stringContaining("a link to a file that does not exist"),
    });
  } finally {
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true });
  }
});
