import { readFileSync } from "node:fs";
import { join } from "node:path";
import { testExamples } from "../examples/page-examples.js";
import { filesBelow, root } from "../workspace.js";

const docs = join(root, "docs");

/** Pages that are written by hand. Those in `api` come from doc comments, whose examples have a test of their own. */
const pages = filesBelow(docs).filter(
  (file) => file.endsWith(".md") && !/^(api|node_modules|\.vitepress)\//.test(file),
);

await testExamples(
  "docs",
  pages
    .map((page) => ({ name: `the page ${page}`, path: join(docs, page) }))
    .filter(({ path }) => /^```(ts|sh)\b/m.test(readFileSync(path, "utf8"))),
);
