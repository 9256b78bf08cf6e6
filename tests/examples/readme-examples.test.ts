import { join } from "node:path";
import { packages, root } from "../workspace.js";
import { testExamples } from "./page-examples.js";

await testExamples("readme", [
  { name: "the README of root", path: join(root, "README.md"), mustHave: "ts" },
  ...packages.map(({ room, folder, manifest }) => ({
    name: `the README of ${room}`,
    path: join(folder, "README.md"),
    mustHave: "bin" in manifest ? ("sh" as const) : ("ts" as const),
  })),
]);
