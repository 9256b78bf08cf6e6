/** A fenced block of TypeScript or shell commands. */
export interface ReadmeBlock {
  readonly language: "ts" | "sh";
  /** False for a block that is marked `no-run`. */
  readonly runs: boolean;
  /** Line number of the block in the README. */
  readonly line: number;
  readonly code: string;
  /** Expected output: the `text` block right behind it. */
  readonly output: string | undefined;
}

const FENCE = /^```(ts|sh)( no-run)?\n([\s\S]*?)^```\n(?:\s*^```text\n([\s\S]*?)^```$)?/gm;

/** Returns the code blocks of a README. */
export function readmeBlocks(readme: string): ReadmeBlock[] {
  return [...readme.matchAll(FENCE)].map(({ 1: language, 2: noRun, 3: code = "", 4: output, index }) => ({
    language: language as ReadmeBlock["language"],
    runs: noRun === undefined,
    line: readme.slice(0, index).split("\n").length + 1,
    code,
    output,
  }));
}
