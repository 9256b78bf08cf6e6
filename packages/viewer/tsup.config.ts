import shared from "../../tsup.config.js";

/** Builds the entry point for Node.js. Vite builds the rest, into the same folder. */
export default { ...shared, entry: { "node/index": "src/node/index.ts" }, clean: false };
