/** Tries the packages with compilers and runtimes other than those of this workspace: `npm run test:compat`. */
import { checkRuntimes } from "./runtimes.js";
import { checkTypes } from "./types.js";

const failed = [...checkTypes(), ...checkRuntimes()];
if (failed.length > 0) {
  console.error(`failed with ${failed.join(", ")}`);
  process.exitCode = 1;
}
