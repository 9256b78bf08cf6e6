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
import { facadeSource } from "./facade.mjs";
import { mapsAsEntries } from "./maps.mjs";
import { runtimeSource } from "./runtime.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const protoDir = join(root, "proto");
const outDir = join(root, "packages/proto/src/generated");

/** Messages that are used together travel together, so that a reader of bundles does not carry the graph's codecs. */
const FAMILIES = {
  bundle: ["tensor_bundle.proto"],
  "meta-graph": ["meta_graph.proto", "variable.proto"],
  "checkpoint-state": ["checkpoint_state.proto"],
  "object-graph": ["trackable_object_graph.proto"],
  "saved-slices": ["saved_tensor_slice.proto"],
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

async function wireSource(family, descriptor) {
  const file = join(outDir, `${family}.descriptor.json`);
  writeFileSync(file, JSON.stringify(descriptor));
  const args = [
    "-t",
    "static-module",
    "-w",
    "esm",
    "--dependency",
    "./runtime.js",
    "--root",
    `tfsaver-${family}`,
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
  const sources = [readFileSync(join(outDir, "../codec.ts"), "utf8")];
  for (const [family, files] of Object.entries(FAMILIES)) {
    const schema = new protobuf.Root();
    schema.resolvePath = (_origin, target) => join(protoDir, target);
    await schema.load(files, { alternateCommentMode: true });
    schema.resolveAll();
    const source = await wireSource(family, mapsAsEntries(schema));
    sources.push(source);
    writeFileSync(join(outDir, `${family}.wire.js`), source);
    writeFileSync(join(outDir, `${family}.wire.d.ts`), "export declare const tensorflow: any;\n");
    writeFileSync(join(outDir, `${family}.ts`), facadeSource(family, schema));
  }
  writeFileSync(join(outDir, "runtime.js"), await runtimeSource(sources));
  writeFileSync(join(outDir, "runtime.d.ts"), readFileSync(join(root, "tools/proto/runtime/runtime.d.ts")));
  writeFileSync(stampFile, stamp);
}
