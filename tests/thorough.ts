import { execFileSync } from "node:child_process";

/** True in `npm run test:thorough`, which tries more cases than `npm test`. */
export const isThorough = process.env.TFSAVER_THOROUGH === "1";

/**
 * True if the n-th operation is tried: each in the thorough lane, one in `stride` in `npm test`, other ones after each commit.
 */
export function isTried(n: number, stride = 3): boolean {
  return isThorough || (n + commitNumber) % stride === 0;
}

/** Returns the cases that are tried, of which each takes about as long as the others. */
export function tried<T>(cases: readonly T[], stride?: number): readonly T[] {
  return cases.filter((_, n) => isTried(n, stride));
}

/** Returns a number derived from the current commit; 1 outside of a git repository. */
export function seedOfCommit(): number {
  try {
    const commit = execFileSync("git", ["rev-parse", "HEAD"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return Number.parseInt(commit.slice(0, 7), 16);
  } catch {
    return 1;
  }
}

const commitNumber = seedOfCommit();
