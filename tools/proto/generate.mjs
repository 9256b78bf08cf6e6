/**
 * Generates the codecs of packages/proto from /proto, which protobufjs parses.
 *
 * Messages are plain objects: 64-bit integers are bigints (or numbers where the .proto says `jstype = JS_NUMBER`), maps are
 * `Map`s, and unknown fields are kept.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";
import { codecSources } from "./codecs.mjs";
import { schemaSource } from "./schema.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const protoDir = join(root, "proto");
const outDir = join(root, "packages/proto/src/generated");

/** Families of messages that are used together. Each has its own modules, so that a page loads only those it needs. */
const FAMILIES = {
  bundle: ["tensor_bundle.proto"],
  "meta-graph": ["meta_graph.proto", "variable.proto", "function.proto"],
  "control-flow": ["control_flow.proto", "queue_runner.proto"],
  "graph-debug-info": ["graph_debug_info.proto"],
  "checkpoint-state": ["checkpoint_state.proto"],
  "object-graph": ["trackable_object_graph.proto"],
  "saved-slices": ["saved_tensor_slice.proto"],
  "saved-model": ["saved_model.proto"],
  signature: ["signature.proto"],
  master: ["master.proto"],
};

/** Messages with a text format, and the files of the messages that they may contain as bytes or in an `Any`. */
const SCHEMAS = {
  "meta-graph": {
    files: [
      ...FAMILIES["meta-graph"],
      ...FAMILIES["control-flow"],
      ...FAMILIES["graph-debug-info"],
      "any.proto",
      "full_type.proto",
      "resource_handle.proto",
      "saved_object_graph.proto",
      "signature.proto",
      "variant.proto",
    ],
    roots: ["MetaGraphDef", "VariableDef", "QueueRunnerDef", "CondContextDef"],
  },
  "checkpoint-state": { files: FAMILIES["checkpoint-state"], roots: ["CheckpointState"] },
};

function fingerprint() {
  const hash = createHash("sha256");
  const files = [protoDir, join(root, "tools/proto")].flatMap((dir) =>
    readdirSync(dir)
      .map((name) => join(dir, name))
      .sort(),
  );
  for (const file of [...files, join(root, "pnpm-lock.yaml")])
    hash.update(file.slice(root.length)).update(readFileSync(file));
  return hash.digest("hex");
}

async function load(files) {
  const schema = new protobuf.Root();
  schema.resolvePath = (_origin, target) => join(protoDir, target);
  await schema.load(files, { alternateCommentMode: true });
  return schema.resolveAll();
}

const stampFile = join(outDir, ".stamp");
const stamp = fingerprint();
let previous;
try {
  previous = readFileSync(stampFile, "utf8");
} catch {
  // Nothing has been generated yet.
}
if (previous !== stamp) {
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir, { recursive: true });
  for (const [family, files] of Object.entries(FAMILIES)) {
    const { decode, whole } = codecSources(family, await load(files));
    writeFileSync(join(outDir, `${family}.decode.ts`), decode);
    writeFileSync(join(outDir, `${family}.ts`), whole);
  }
  for (const [family, { files, roots }] of Object.entries(SCHEMAS)) {
    writeFileSync(join(outDir, `${family}.schema.ts`), schemaSource(await load(files), roots));
  }
  writeFileSync(stampFile, stamp);
}
