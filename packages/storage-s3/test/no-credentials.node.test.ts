import { inspect } from "node:util";
import { removeDebris } from "@tfsaver/checkpoint-files";
import { latestCheckpoint } from "@tfsaver/checkpoint-state";
import { Graph, Variable } from "@tfsaver/graph";
import { Saver } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import { MemoryStorage, readFile, type Storage } from "@tfsaver/storage";
import { withCache, withProgress, withRetry } from "@tfsaver/storage/wrappers";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { FakeS3 } from "../../../fixtures/fake-s3/fake-s3.js";
import { atRequest, type Fault } from "../../../fixtures/fake-s3/faults.js";
import { isTried } from "../../../tests/thorough.js";
import { S3Storage } from "../src/index.js";

const credentials = {
  accessKeyId: "AKIDOFTHETEST",
  secretAccessKey: "sEcReT/oF+ThE+TeSt",
  sessionToken: "ToKeN+oF/tHe/TeSt==",
};
const secrets = Object.values(credentials).flatMap((secret) => [
  ...[secret, encodeURIComponent(secret)],
  ...(["base64", "hex"] as const).map((encoding) => Buffer.from(secret).toString(encoding)),
]);
const echo = Object.values(credentials).join(" ");

let fake: FakeS3;
const seen: string[] = [];
const see = (...values: readonly unknown[]) => {
  for (const value of values) {
    seen.push(
      typeof value === "string" ? value : inspect(value, { depth: 12, showHidden: true, maxStringLength: null }),
    );
    if (value instanceof Error) seen.push(String(value), JSON.stringify(value));
  }
};
beforeAll(async () => {
  fake = await FakeS3.start();
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, "write").mockImplementation((text) => {
      see(String(text));
      return true;
    });
  for (const method of ["log", "info", "warn", "error", "debug"] as const)
    vi.spyOn(console, method).mockImplementation(see);
});
afterAll(async () => {
  vi.restoreAllMocks();
  await fake.close();
});

/** Saves twice, cleans up and restores, and looks at everything that is thrown and told. */
async function useStorage(storage: Storage): Promise<void> {
  const graph = new Graph();
  const variable = Variable.create([1, 2, 3], { graph, name: "v" });
  const session = new LocalSession(graph, { storage });
  await session.run([variable.initializer]);
  const saver = new Saver({ graph, storage, maxToKeep: 1, onWarning: see, onMetrics: see });
  const onProgress = see;
  for (const globalStep of [1, 2]) await saver.save(session, "run/m", { globalStep, onProgress }).catch(see);
  await removeDebris("run", { storage, olderThan: 0 }).catch(see);
  const latest = await latestCheckpoint("run", { storage, onWarning: see }).catch(see);
  if (latest !== undefined) await saver.restore(session, latest, { onProgress }).catch(see);
}

it("no credential is in any error, warning, progress, log, lock, object or cached file, whatever the server answers", {
  timeout: 300_000,
}, async () => {
  const local = new MemoryStorage();
  let buckets = 0;
  const make = () => {
    const client = fake.client({ credentials });
    const remote = new S3Storage({ client, bucket: `secrets-${++buckets}`, maxAttempts: 1, backoffMs: 1 });
    const cached = withCache(remote, { storage: local, directory: "cache" });
    return withProgress(withRetry(cached, { maxAttempts: 2, backoffMs: 1 }), see);
  };
  await useStorage(make());
  const count = fake.requests.length;
  const sent = [...fake.requests];
  expect(count).toBeGreaterThan(20);
  const faults: readonly Fault[] = [
    { kind: "answer", status: 403, code: `SignatureDoesNotMatch ${echo}` },
    { kind: "answer", status: 500, code: `InternalError ${echo}`, done: true },
    { kind: "answer", status: 301, code: `PermanentRedirect ${echo}` },
  ];
  let tried = 0;
  for (let n = 1; n <= count; n++) {
    if (!isTried(n)) continue;
    fake.reset();
    // By turns among those that are tried, which may be each third request.
    fake.fault = atRequest(n, faults[tried++ % faults.length] as Fault);
    await useStorage(make());
    sent.push(...fake.requests);
  }
  expect(seen.some((text) => text.includes("PermissionDeniedError"))).toBe(true);
  // On the way, only the signature and the token of a session name them, as the protocol wants it.
  for (const { name, key, query, headers, body } of sent) {
    const { authorization, "x-amz-security-token": token, ...others } = headers;
    expect([String(authorization).includes(credentials.accessKeyId), token]).toEqual([true, credentials.sessionToken]);
    see([name, key, String(query), others], Buffer.from(body).toString("latin1"));
  }
  expect(sent.some(({ key }) => key.endsWith(".saving"))).toBe(true);
  for (const { name } of await local.list("cache"))
    see(name, Buffer.from(await readFile(local, `cache/${name}`)).toString("latin1"));
  const found = secrets.filter((secret) => seen.some((text) => text.includes(secret)));
  expect(found.map((secret) => [secret, seen.find((text) => text.includes(secret))])).toEqual([]);
});
