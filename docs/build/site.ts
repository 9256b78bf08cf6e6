import { join } from "node:path";
import { root } from "../../tests/workspace.js";

/** The folder of the documentation. */
export const docs = join(root, "docs");

/** The folder of the built site. */
export const site = join(docs, ".vitepress/dist");
