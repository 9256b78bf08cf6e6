import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packages } from "../../tests/workspace.js";

/** A page for each package: its README. */
export default {
  paths: () =>
    packages.map(({ room, folder }) => ({
      params: { room },
      content: readFileSync(join(folder, "README.md"), "utf8"),
    })),
};
