import { spawn } from "node:child_process";

/** The life of a process that runs `saver-process.ts`. */
export interface Life {
  /** Value that the process restored; undefined if it was killed before it reported one. */
  readonly restored: number | undefined;
  /** The last save that it reported. */
  readonly saved: number | undefined;
  readonly error: string;
}

interface LiveOptions {
  /** Milliseconds from the first output to the kill. Default: the process ends by itself. */
  readonly killAfterMs?: number;
  /** Variables that are added to its environment. */
  readonly environment?: NodeJS.ProcessEnv;
}

/** Runs a process that saves until it has made all its saves, or is killed some time after its first output. */
export function live(args: readonly string[], { killAfterMs, environment }: LiveOptions = {}): Promise<Life> {
  const env = { ...process.env, ...environment };
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"], env });
  let [output, error] = ["", ""];
  let timer: ReturnType<typeof setTimeout> | undefined;
  child.stdout.on("data", (chunk) => {
    output += chunk;
    if (killAfterMs !== undefined) timer ??= setTimeout(() => child.kill("SIGKILL"), killAfterMs);
  });
  child.stderr.on("data", (chunk) => {
    error += chunk;
  });
  return new Promise((resolve) => {
    child.on("close", () => {
      clearTimeout(timer);
      const last = (word: string) => {
        const found = [...output.matchAll(new RegExp(`^${word} (\\d+)$`, "gm"))].at(-1)?.[1];
        return found === undefined ? undefined : Number(found);
      };
      resolve({ restored: last("restored"), saved: last("saved"), error });
    });
  });
}

/** Returns a number from 0 to 1 for each kill. Multiples of the golden ratio spread them evenly, however many there are. */
export function spread(kill: number): number {
  return (kill * 0.618) % 1;
}
