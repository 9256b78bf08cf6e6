import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { goldensFolder } from "../../fixtures/goldens.js";
import type { Finding } from "./run.js";
import type { Files, Subject } from "./subjects.js";

const keptFolder = fileURLToPath(new URL("../../fixtures/fuzz/", import.meta.url));

function readFiles(folder: string, pattern: RegExp): Files {
  const names = readdirSync(folder).filter((name) => pattern.test(name));
  return new Map(names.map((name) => [name, new Uint8Array(readFileSync(`${folder}/${name}`))]));
}

/** Returns small checkpoints from the goldens. */
export function goldenSubjects(): Subject[] {
  const of = (format: "V1" | "V2", folder: string, prefix: string): Subject => ({
    name: `${folder}/${prefix}`,
    format,
    prefix,
    files: readFiles(`${goldensFolder}${folder}`, new RegExp(`^${prefix}(\\.index|\\.data-.*)?$`)),
  });
  return [
    of("V2", "hand-made", "snappy-index"),
    of("V2", "big-endian", "be"),
    of("V2", "v2-partitioned", "two-axis"),
    of("V2", "object-based", "ckpt-1"),
    of("V1", "hand-made", "v1-snappy"),
    of("V1", "v1-partitioned", "two-axis"),
    of("V1", "v1-simple", "model.ckpt"),
  ];
}

interface Manifest {
  readonly format: "V1" | "V2";
  readonly prefix: string;
  /** What reading it did when it was found. */
  readonly note: string;
}

/** Returns the earlier findings of the fuzzer. */
export function keptSubjects(): (Subject & { readonly note: string })[] {
  return readdirSync(keptFolder).map((name) => {
    const folder = `${keptFolder}${name}`;
    const manifest = JSON.parse(readFileSync(`${folder}/finding.json`, "utf8")) as Manifest;
    return { name, ...manifest, files: readFiles(folder, /^(?!finding\.json$)/) };
  });
}

/** Saves a finding as a fixture, and returns its folder. */
export function keep({ subject, seed, files, error }: Finding): string {
  const { name, format, prefix } = subject;
  const folder = `${keptFolder}${format.toLowerCase()}-${name.replace(/[^a-z0-9]+/gi, "-")}-${seed}`;
  mkdirSync(folder, { recursive: true });
  for (const [path, bytes] of files) writeFileSync(`${folder}/${path}`, bytes);
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : "";
  const manifest: Manifest = { format, prefix, note: `${error.message}${cause}` };
  writeFileSync(`${folder}/finding.json`, `${JSON.stringify(manifest, null, 2)}\n`);
  return folder;
}
