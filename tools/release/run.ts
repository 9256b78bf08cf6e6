import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

export interface RunOptions {
  readonly cwd: string;
  /** Variables of the environment besides those of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs a program and returns what it wrote to its standard output.
 *
 * @throws if it cannot be started or its exit code is not 0, with all that it wrote.
 */
export async function run(program: string, args: readonly string[], { cwd, env = {} }: RunOptions): Promise<string> {
  const child = spawn(program, args, {
    cwd,
    env: { ...cleanEnvironment(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
    shell: process.platform === "win32",
  });
  const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  if (status === 0) return stdout;
  throw new Error(`${[program, ...args].join(" ")} in ${cwd} fails with ${status}:\n${stdout}${stderr}`);
}

/** Returns the environment without what npm sets for its scripts: it would hide the settings of the project that is tried. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.toLowerCase().startsWith("npm_")));
}
