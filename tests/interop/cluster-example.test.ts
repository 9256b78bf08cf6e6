import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root } from "../workspace.js";

// Its graph is finalized before the loop, so a step that adds an operation fails.
it("examples/cluster trains for 1,000 steps, loses a parameter server, and continues with the same loss", () => {
  const folder = mkdtempSync(join(tmpdir(), "tfsaver-cluster-"));
  try {
    const tsx = ["--import", "tsx", "--conditions=@tfsaver/source", "examples/cluster/src/main.ts", folder, "1000"];
    const printed = execFileSync(process.execPath, tsx, { cwd: root, encoding: "utf8" }).split("\n");
    expect(printed).toEqual(
      expect.arrayContaining([
        "weights is on /job:ps/task:0",
        "bias is on /job:ps/task:1",
        expect.stringMatching(/^saved model\.ckpt-1000, loss /),
        // Depends on what the run was doing when the server died.
        expect.stringMatching(/^the session has ended: (AbortedError|CancelledError)$/),
        "its variables are lost: FailedPreconditionError",
        expect.stringMatching(/^restored model\.ckpt-1000, loss /),
        "the step is 1000 again",
        "the same loss as before",
      ]),
    );
    const [before, after] = ["saved", "restored"].map((what) =>
      printed.find((line) => line.startsWith(`${what} model.ckpt-1000`))?.slice(what.length),
    );
    expect(after).toBe(before);
    const losses = printed.flatMap((line) => line.match(/loss (?:at the start )?([\d.]+)$/)?.[1] ?? []).map(Number);
    expect(losses.at(-1)).toBeLessThan((losses[0] as number) / 1000);
    const shards = (step: number) => [0, 1].map((shard) => `model.ckpt-${step}.data-0000${shard}-of-00002`);
    expect(readdirSync(folder).filter((name) => name.includes(".data-"))).toEqual([1000, 1050, 950].flatMap(shards));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
