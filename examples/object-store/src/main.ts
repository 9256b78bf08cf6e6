/**
 * Trains with its checkpoints in a bucket, kills the process, and goes on in another one, which shares nothing with the first
 * but the bucket. Run it with `npm run start:object-store`, optionally followed by a URL like `s3://bucket/empty-prefix`; without one,
 * a server is started on this machine.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { dim, failure, print, section, success } from "@tfsaver-examples/screen";
import { digestCheckpoint, latestCheckpoint } from "tfsaver";
import { S3Server } from "../../../tools/s3-servers.js";
import { openBucket, STEPS, train } from "./train.js";

const KILLED_IN = 70;

const server = process.argv[2] === undefined ? await startServer() : undefined;
const url = process.argv[2] ?? "s3://models/line";

section("A process trains, and is killed", `${STEPS} steps, with the checkpoints in ${url}`);
print(dim(`  ${await runTraining(KILLED_IN)} in step ${KILLED_IN}`));

section("Another process goes on", "with an empty folder, as on another machine");
await runTraining();

section("What is in the bucket", url);
const storage = openBucket(url);
for (const { name } of (await storage.list(url)).sort((a, b) => (a.name < b.name ? -1 : 1))) print(`  ${name}`);

const inOneGo = `${url}-in-one-go`;
section("The same training, in one go", inOneGo);
await train(inOneGo);
const [killed, unkilled] = [await latestDigests(url), await latestDigests(inOneGo)];
if ([...unkilled].every(([name, digest]) => killed.get(name) === digest)) {
  success("the same values, byte for byte, as if the process had never been killed");
} else {
  failure("other values");
  process.exitCode = 1;
}
await server?.close();

/** Starts a server of S3 for this example, and tells the client where it is. */
async function startServer(): Promise<S3Server> {
  const started = await S3Server.versitygw();
  await started.createBucket("models");
  Object.assign(process.env, started.environment);
  return started;
}

/** Runs the training in another process and an empty folder. Returns the signal that ended it, or its exit code. */
async function runTraining(killedIn?: number): Promise<string> {
  const program = fileURLToPath(new URL("training-process.ts", import.meta.url));
  const args = [...process.execArgv, program, url, ...(killedIn === undefined ? [] : [String(killedIn)])];
  const cwd = mkdtempSync(join(tmpdir(), "tfsaver-machine-"));
  try {
    const child = spawn(process.execPath, args, { stdio: "inherit", cwd });
    return await new Promise((resolve, reject) =>
      child.once("error", reject).once("exit", (code, signal) => resolve(signal ?? String(code))),
    );
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

async function latestDigests(directory: string): Promise<Map<string, string>> {
  const latest = await latestCheckpoint(directory, { storage });
  if (latest === undefined) throw new Error(`${directory} contains no checkpoint`);
  return digestCheckpoint(latest, { storage });
}
