/** Tests the packages with other versions of TypeScript and Node.js: `npm run test:compat`. */
import { checkRuntimes } from "./runtimes.js";
import { checkTypes } from "./types.js";

const failed = [...checkTypes(), ...checkRuntimes()];
if (failed.length > 0) {
  console.error(`Failed with ${failed.join(", ")}.`);
  process.exitCode = 1;
}
