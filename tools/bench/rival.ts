import { execFileSync } from "node:child_process";
import { cpSync, existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { preparePython } from "../python.js";
import { type Side, startPython, startTfsaverIn } from "./side.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What this library is compared with. */
export interface Rival {
  readonly name: string;
  start(): Side;
  /** Returns the command that lists a checkpoint. */
  list(prefix: string): readonly string[];
}

export const tensorflow: Rival = {
  name: "TensorFlow",
  start: startPython,
  list: (prefix) => [
    ...[preparePython("bench"), "-m", "tensorflow.python.tools.inspect_checkpoint"],
    ...["--file_name", prefix],
  ],
};

/** Returns this library as it was at another commit, with the benchmark of this one. Checks it out and builds it the first time. */
export function otherCommit(commit: string): Rival {
  const run = (command: string, args: readonly string[], cwd: string) =>
    execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  const id = run("git", ["rev-parse", "--short", `${commit}^{commit}`], root).trim();
  const folder = `${root}.bench/${id}/`;
  if (!existsSync(folder)) run("git", ["worktree", "add", "--detach", folder, id], root);
  if (!existsSync(`${folder}packages/cli/dist/index.js`)) run("npm", ["run", "--silent", "build"], folder);
  // After the build, which would check its types.
  cpSync(`${root}tools/bench`, `${folder}tools/bench`, { recursive: true });
  return {
    name: id,
    start: () => startTfsaverIn(folder),
    list: (prefix) => [process.execPath, `${folder}packages/cli/bin/tfckpt.js`, "ls", prefix],
  };
}
