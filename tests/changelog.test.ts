import { createRequire } from "node:module";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "./workspace.js";

const { getReleaseLine, getDependencyReleaseLine } = createRequire(import.meta.url)(
  join(root, "tools/release/changelog.cjs"),
);

test("an entry of a changelog is the text of its changeset", async () => {
  const summary = "Opens checkpoints.\n\n- V1\n- V2\n";
  expect(await getReleaseLine({ summary, commit: "0123456789" })).toBe("- Opens checkpoints.\n\n  - V1\n  - V2");
});

test("a changelog names the dependencies that moved, but not those of a first release", async () => {
  const dependencies = [
    { name: "@tfsaver/core", oldVersion: "0.0.0", newVersion: "0.1.0" },
    { name: "@tfsaver/sstable", oldVersion: "0.1.0", newVersion: "0.2.0" },
  ];
  expect(await getDependencyReleaseLine([], dependencies)).toBe("- Needs `@tfsaver/sstable` 0.2.0.");
});
