import { join } from "node:path";
import { testExamples } from "./page-examples.js";
import { packages, root } from "./workspace.js";

await testExamples("readme", [
  { name: "the README of root", path: join(root, "README.md"), mustHave: "ts" },
  ...packages.map(({ room, folder, manifest }) => ({
    name: `the README of ${room}`,
    path: join(folder, "README.md"),
    mustHave: "bin" in manifest ? ("sh" as const) : ("ts" as const),
  })),
]);
