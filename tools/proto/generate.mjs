/**
 * Generates the codecs of packages/proto from /proto.
 *
 * protobufjs makes the wire codecs (static modules). Around each stands a module of plain interfaces, so that no
 * protobufjs object, `Long` or `Buffer` leaves the package: 64-bit integers are bigints (or safe integers where the
 * .proto says `jstype = JS_NUMBER`), maps are `Map`s, and fields nobody knows are kept.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";
import pbjs from "protobufjs-cli/pbjs.js";
import { facadeSources } from "./facade.mjs";
import { mapsAsEntries } from "./maps.mjs";
import { runtimeSources } from "./runtime.mjs";
import { schemaSource } from "./schema.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const protoDir = join(root, "proto");
const outDir = join(root, "packages/proto/src/generated");

/** Messages that are used together travel together, so that a reader of bundles does not carry the graph's codecs. */
const FAMILIES = {
  bundle: ["tensor_bundle.proto"],
  "meta-graph": ["meta_graph.proto", "variable.proto", "function.proto"],
  "control-flow": ["control_flow.proto", "queue_runner.proto"],
  "graph-debug-info": ["graph_debug_info.proto"],
  "checkpoint-state": ["checkpoint_state.proto"],
  "object-graph": ["trackable_object_graph.proto"],
  "saved-slices": ["saved_tensor_slice.proto"],
  master: ["master.proto"],
};

/** The messages that have a text format, and what stands in them as bytes or in an Any. */
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

const WIRE_OPTIONS =
  "--no-create --no-verify --no-convert --no-delimited --no-typeurl --no-service --no-comments".split(" ");

function fingerprint() {
  const hash = createHash("sha256");
  const files = [protoDir, join(root, "tools/proto"), join(root, "tools/proto/runtime")].flatMap((dir) =>
    readdirSync(dir, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => join(dir, name))
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

/** The wire codecs of a family, or of each the half that `direction` names. */
async function wireSource(family, direction, descriptor) {
  const file = join(outDir, `${family}.descriptor.json`);
  writeFileSync(file, JSON.stringify(descriptor));
  const args = [
    "-t",
    "static-module",
    "-w",
    "esm",
    "--dependency",
    `./runtime.${direction}.js`,
    "--root",
    `tfsaver-${family}`,
    direction === "decode" ? "--no-encode" : "--no-decode",
    ...WIRE_OPTIONS,
    file,
  ];
  const source = await new Promise((resolve, reject) => {
    const done = pbjs.main(args, (error, output) => (error ? reject(error) : resolve(output)));
    if (done instanceof Promise) done.catch(reject);
  });
  rmSync(file);
  return source;
}

const stampFile = join(outDir, ".stamp");
const stamp = fingerprint();
let previous;
try {
  previous = readFileSync(stampFile, "utf8");
} catch {
  // Nothing generated yet.
}
if (previous !== stamp) {
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir, { recursive: true });
  const users = ["codec.ts", "decoder.ts", "text/wire.ts"].map((name) =>
    readFileSync(join(outDir, "..", name), "utf8"),
  );
  for (const [family, files] of Object.entries(FAMILIES)) {
    const schema = await load(files);
    const descriptor = mapsAsEntries(schema);
    for (const direction of ["decode", "encode"]) {
      const source = await wireSource(family, direction, descriptor);
      users.push(source);
      writeFileSync(join(outDir, `${family}.${direction}.wire.js`), source);
      writeFileSync(join(outDir, `${family}.${direction}.wire.d.ts`), "export declare const tensorflow: any;\n");
    }
    const { decode, whole } = facadeSources(family, schema);
    writeFileSync(join(outDir, `${family}.decode.ts`), decode);
    writeFileSync(join(outDir, `${family}.ts`), whole);
  }
  for (const [family, { files, roots }] of Object.entries(SCHEMAS)) {
    writeFileSync(join(outDir, `${family}.schema.ts`), schemaSource(await load(files), roots));
  }
  for (const { name, text } of await runtimeSources(users)) writeFileSync(join(outDir, name), text);
  for (const direction of ["decode", "encode"]) {
    writeFileSync(join(outDir, `runtime.${direction}.d.ts`), "declare const runtime: any;\nexport default runtime;\n");
  }
  writeFileSync(stampFile, stamp);
}
