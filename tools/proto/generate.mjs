/**
 * Generates the codecs of packages/checkpoint-proto and packages/proto from /proto, which protobufjs parses.
 *
 * Messages are plain objects: 64-bit integers are bigints (or numbers where the .proto says `jstype = JS_NUMBER`), maps are
 * `Map`s, and unknown fields are kept.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";
import { codecSources } from "./codecs.mjs";
import { schemaSource } from "./schema.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const protoDir = join(root, "proto");
const META_GRAPH = [
  "meta_graph.proto",
  "variable.proto",
  "function.proto",
  "control_flow.proto",
  "queue_runner.proto",
  "graph_debug_info.proto",
];

/**
 * The .proto files of each package, and what its codecs import a module of their runtime from. The files that these import are
 * generated in the same package. Each has its own modules, so that a page loads only those it needs.
 */
const PACKAGES = {
  "checkpoint-proto": {
    files: ["tensor_bundle.proto", "saved_tensor_slice.proto", "trackable_object_graph.proto"],
    wire: (module) => `../wire/${module}.js`,
  },
  proto: {
    files: [...META_GRAPH, "checkpoint_state.proto", "saved_model.proto", "signature.proto", "master.proto"],
    wire: () => "@tfsaver/checkpoint-proto/wire",
  },
};

/** Modules whose messages are small and many: those of the index of a V2 checkpoint. */
const SMALL = new Set(["tensor-bundle", "tensor-shape", "tensor-slice", "versions"]);

/** Messages with a text format, and the files of the messages that they may contain as bytes or in an `Any`. */
const SCHEMAS = {
  "meta-graph": {
    files: [
      ...META_GRAPH,
      "any.proto",
      "full_type.proto",
      "resource_handle.proto",
      "saved_object_graph.proto",
      "signature.proto",
      "variant.proto",
    ],
    roots: ["MetaGraphDef", "VariableDef", "QueueRunnerDef", "CondContextDef"],
  },
  "checkpoint-state": { files: ["checkpoint_state.proto"], roots: ["CheckpointState"] },
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

/** Returns the messages and enums of a schema by the names of their files' modules. */
function typesByModule(schema) {
  const modules = new Map();
  const collect = (namespace) => {
    for (const child of namespace.nestedArray) {
      if (child.fields || child.values) {
        const name = moduleOf(child);
        modules.set(name, [...(modules.get(name) ?? []), child]);
      }
      if (child.nestedArray) collect(child);
    }
  };
  collect(schema.lookup("tensorflow"));
  return modules;
}

function moduleOf(type) {
  return basename(type.filename, ".proto").replaceAll("_", "-");
}

const folderOf = (name) => join(root, "packages", name, "src/generated");

async function generate(name, { files, wire }) {
  const folder = folderOf(name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [module, types] of typesByModule(await load(files))) {
    const { decode, whole } = codecSources(module, types, moduleOf, wire, SMALL.has(module));
    writeFileSync(join(folder, `${module}.decode.ts`), decode);
    writeFileSync(join(folder, `${module}.ts`), whole);
  }
}

const stamp = fingerprint();
const stampFiles = Object.keys(PACKAGES).map((name) => join(folderOf(name), ".stamp"));
if (!stampFiles.every((file) => existsSync(file) && readFileSync(file, "utf8") === stamp)) {
  for (const [name, contents] of Object.entries(PACKAGES)) await generate(name, contents);
  for (const [family, { files, roots }] of Object.entries(SCHEMAS)) {
    writeFileSync(join(folderOf("proto"), `${family}.schema.ts`), schemaSource(await load(files), roots));
  }
  for (const file of stampFiles) writeFileSync(file, stamp);
}
