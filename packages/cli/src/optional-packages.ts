import { UsageError } from "./errors.js";

/**
 * Loads packages that only some commands need.
 *
 * @param problem - what is not installed, as the start of a sentence
 * @throws `UsageError` if they are not installed where `tfckpt` is, with the command that installs them.
 */
export async function loadOptional<T>(
  problem: string,
  packages: readonly string[],
  load: () => Promise<T>,
): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    throw new UsageError(`${problem}: ${howToInstall(packages)}`, { cause });
  }
}

/** Says how packages come to where `tfckpt` finds them. */
export function howToInstall(packages: readonly string[]): string {
  const [install, npx] = [packages.join(" "), packages.map((name) => `-p ${name}`).join(" ")];
  return `run npm install ${install} where tfckpt is installed (with --global if tfckpt is), or npx -p @tfsaver/cli ${npx} tfckpt`;
}
