import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentials, ServerCredentials } from "@grpc/grpc-js";
import { makeTensor } from "@tfsaver/core";
import { constant, Graph, identity, placeholder, tensorToProto } from "@tfsaver/graph";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GrpcSession } from "../src/index.js";
import { FakeMaster } from "./fake-master.js";

let master: FakeMaster;
beforeEach(async () => {
  master = await FakeMaster.start();
});
afterEach(() => master.stop());

const names = (nodes: readonly { readonly name: string }[] = []) => nodes.map(({ name }) => name);

function graphOf(...constants: string[]): Graph {
  const graph = new Graph();
  for (const name of constants) constant(1, { graph, name });
  return graph;
}

describe("the graph", () => {
  it("is sent with the first run; later runs send additions", async () => {
    const graph = graphOf("a", "b");
    const session = master.open(graph, { config: { allowSoftPlacement: true, deviceFilters: ["/job:ps"] } });
    expect(master.created).toEqual([]);
    await session.run("a");
    await session.run("b");
    constant(1, { graph, name: "c" });
    await session.run("a");
    constant(1, { graph, name: "d" });
    constant(1, { graph, name: "e" });
    await session.run("d");
    await session.run("c");

    expect(master.created).toHaveLength(1);
    const [{ graphDef, config, target }] = master.created as [(typeof master.created)[0]];
    expect(names(graphDef?.node)).toEqual(["a", "b"]);
    expect(graphDef?.versions).toEqual(graph.versions);
    expect(config).toMatchObject({ allowSoftPlacement: true, deviceFilters: ["/job:ps"] });
    expect(target).toBe(master.target);
    expect(master.extended.map((request) => [names(request.graphDef?.node), request.currentGraphVersion])).toEqual([
      [["c"], 5n],
      [["d", "e"], 6n],
    ]);
    expect(master.steps.map(({ sessionHandle }) => sessionHandle)).toEqual(["s", "s", "s", "s", "s"]);
  });

  it("is sent once for concurrent runs", async () => {
    const graph = graphOf("a");
    const session = master.open(graph);
    await Promise.all([session.run("a"), session.run("a"), session.run("a")]);
    constant(1, { graph, name: "b" });
    await Promise.all([session.run("a"), session.run("b")]);
    expect([master.created.length, master.extended.length, master.steps.length]).toEqual([1, 1, 5]);
  });

  it("is sent again after a failure", async () => {
    const graph = graphOf("a");
    const session = master.open(graph);
    const answer = master.onCreate;
    master.onCreate = () => ({ code: 14, details: "not now" });
    await expect(session.run("a")).rejects.toMatchObject({ kind: "UnavailableError" });
    master.onCreate = answer;
    await session.run("a");
    constant(1, { graph, name: "b" });
    const extend = master.onExtend;
    master.onExtend = () => ({ code: 3, details: "Node b is wrong" });
    await expect(session.run("a")).rejects.toMatchObject({ kind: "InvalidArgumentError" });
    master.onExtend = extend;
    await session.run("b");
    expect(master.extended.map(({ currentGraphVersion }) => currentGraphVersion)).toEqual([5n, 5n]);
  });

  it("is sent with its functions, and again when they change", async () => {
    const graph = graphOf("a");
    const session = master.open(graph);
    await session.run("a");
    // An empty function.
    graph.functionLibrary = Uint8Array.of(10, 0);
    await session.run("a");
    await session.run("a");
    expect(master.extended.map(({ graphDef }) => graphDef?.library)).toEqual([Uint8Array.of(10, 0)]);
  });
});

describe("a run", () => {
  it("requests each value and operation once, by name", async () => {
    const graph = graphOf("a", "b");
    const session = master.open(graph);
    const { tensor } = { tensor: tensorToProto(makeTensor("float32", [], Float32Array.of(4))) };
    master.onStep = ({ fetch }) => ({ tensor: fetch.map((name) => ({ name, tensor })) });
    const results = await session.run(["a", "b:0", "b:0", graph.output("b:0"), "a"]);
    expect(results.map((result) => result?.data[0])).toEqual([undefined, 4, 4, 4, undefined]);
    expect(master.steps).toMatchObject([{ fetch: ["b:0"], target: ["a"], feed: [], storeErrorsInResponseBody: true }]);
  });

  it("feeds numbers as raw bytes, and strings one by one", async () => {
    const graph = graphOf("a");
    placeholder("bool", { graph, name: "flags" });
    placeholder("string", { graph, name: "texts" });
    const session = master.open(graph);
    const feeds = { "flags:0": [true, false, true], "texts:0": ["x", ""], "a:0": 2 };
    const [fed] = await session.run(["a:0", "a"], feeds);
    expect(fed.data).toEqual(Float32Array.of(2));
    const [{ feed, fetch }] = master.steps as [(typeof master.steps)[0]];
    expect(fetch).toEqual([]);
    expect(feed.map(({ name, tensor }) => [name, tensor?.tensorContent, tensor?.stringVal])).toEqual([
      ["flags:0", Uint8Array.of(1, 0, 1), []],
      ["texts:0", new Uint8Array(), [Uint8Array.of(120), new Uint8Array()]],
      ["a:0", new Uint8Array(Float32Array.of(2).buffer), []],
    ]);
  });

  it("sends no request if there is nothing to compute", async () => {
    const session = master.open(graphOf("a"));
    expect(await session.run([])).toEqual([]);
    expect((await session.run("a:0", { "a:0": 3 })).data).toEqual(Float32Array.of(3));
    expect(master.created).toEqual([]);
  });

  it("accepts answers of more than gRPC's default 4 MB", async () => {
    const session = master.open(graphOf("a"));
    const tensor = tensorToProto(makeTensor("float32", [2 ** 21], new Float32Array(2 ** 21).fill(3)));
    master.onStep = () => ({ tensor: [{ name: "a:0", tensor }] });
    expect((await session.run("a:0")).data.at(-1)).toBe(3);
  });

  it("needs a value for each fetch in the answer", async () => {
    const session = master.open(graphOf("a"));
    await expect(session.run("a:0")).rejects.toMatchObject({
      kind: "InternalError",
      message: "The server returned no value for a:0",
    });
  });
});

describe("an error of the server", () => {
  // Numbers and names of `tensorflow.error.Code`, and those of `tf.errors`.
  const kinds: [number, string][] = [
    [1, "CancelledError"],
    [2, "UnknownError"],
    [3, "InvalidArgumentError"],
    [4, "DeadlineExceededError"],
    [5, "NotFoundError"],
    [6, "AlreadyExistsError"],
    [7, "PermissionDeniedError"],
    [8, "ResourceExhaustedError"],
    [9, "FailedPreconditionError"],
    [10, "AbortedError"],
    [11, "OutOfRangeError"],
    [12, "UnimplementedError"],
    [13, "InternalError"],
    [14, "UnavailableError"],
    [15, "DataLossError"],
    [16, "PermissionDeniedError"],
    [99, "UnknownError"],
  ];

  it.each(kinds)("%i is a %s, in an answer or as a status", async (code, kind) => {
    const session = master.open(graphOf("a"));
    const message = `It went wrong\n\t [[server ${master.target}]]`;
    master.onStep = () => ({ statusCode: code, statusErrorMessage: "It went wrong" }) as never;
    await expect(session.run("a")).rejects.toMatchObject({ kind, message });
    if (code > 16) return;
    master.onStep = () => ({ code, details: "It went wrong" });
    await expect(session.run("a")).rejects.toMatchObject({ kind, message });
  });

  it.each([
    ["lost\n\t [[{{node save/a}}]]", "save/a"],
    ["lost\n\t [[{{node _send_a_0}}]]", undefined],
    ["lost", undefined],
  ])("%j is about the operation %s", async (statusErrorMessage, op) => {
    const session = master.open(graphOf("save/a"));
    master.onStep = () => ({ statusCode: 15, statusErrorMessage });
    const error = await session.run("save/a").catch((reason) => reason);
    expect(error.op).toBe(op);
  });
});

describe("waiting", () => {
  const never = () => new Promise<object>(() => {});

  it("ends after the timeout of the session", async () => {
    const session = master.open(graphOf("a"), { timeoutMs: 200 });
    master.onStep = never;
    await expect(session.run("a")).rejects.toMatchObject({ kind: "DeadlineExceededError" });
    await expect.poll(() => master.cancelled).toBe(1);
  });

  it("ends when the signal is aborted, and cancels the request", async () => {
    const session = master.open(graphOf("a"));
    const controller = new AbortController();
    master.onStep = () => {
      controller.abort("enough");
      return never();
    };
    const running = session.run("a", {}, { signal: controller.signal });
    await expect(running).rejects.toMatchObject({ kind: "CancelledError", cause: "enough" });
    await expect.poll(() => master.cancelled).toBe(1);
    master.onStep = () => ({});
    await session.run("a");
  });

  it("for the graph to be sent ends only for the run whose signal is aborted", async () => {
    const session = master.open(graphOf("a"));
    const controller = new AbortController();
    const answer = master.onCreate;
    let proceed = () => {};
    master.onCreate = async (request) => {
      controller.abort();
      await new Promise<void>((resolve) => {
        proceed = resolve;
      });
      return answer(request);
    };
    const other = session.run("a");
    const running = session.run("a", {}, { signal: controller.signal });
    await expect(running).rejects.toMatchObject({ kind: "CancelledError" });
    proceed();
    await other;
    expect(master.steps).toHaveLength(1);
  });

  it("ends when the session is closed, even before it exists on the server", async () => {
    const session = master.open(graphOf("a"));
    master.onCreate = never;
    const running = session.run("a").catch((reason) => reason);
    await expect.poll(() => master.created.length).toBe(1);
    await session.close();
    expect(await running).toMatchObject({ kind: "CancelledError", cause: { message: "Session has been closed." } });
    expect(master.closed).toEqual([]);
  });

  it("for a run ends when the session is closed, even if the server doesn't stop it", async () => {
    const session = master.open(graphOf("a"));
    master.onStep = never;
    const running = session.run("a").catch((reason) => reason);
    await expect.poll(() => master.steps.length).toBe(1);
    await session.close();
    expect(await running).toMatchObject({ kind: "CancelledError" });
    expect(master.closed).toEqual(["s"]);
  });
});

describe("the end", () => {
  it("is sent once, and only for a session that exists on the server", async () => {
    const session = master.open(graphOf("a"));
    await session.run("a");
    await Promise.all([session.close(), session.close()]);
    await session.close();
    await master.open(graphOf("a")).close();
    expect(master.closed).toEqual(["s"]);
    await expect(session.run("a")).rejects.toMatchObject({ kind: "RuntimeError" });
    await expect(session.listDevices()).rejects.toMatchObject({ kind: "RuntimeError" });
  });

  it("succeeds if the server is gone", async () => {
    const session = master.open(graphOf("a"));
    await session.run("a");
    await master.stop();
    await session.close();
  });
});

it("resets containers of a cluster", async () => {
  await GrpcSession.reset(master.target, { containers: ["mine"], deviceFilters: ["/job:ps"] });
  await GrpcSession.reset(master.target);
  expect(master.resets).toEqual([
    { container: ["mine"], deviceFilters: ["/job:ps"] },
    { container: [], deviceFilters: [] },
  ]);
});

it("refuses messages beyond a given limit", async () => {
  const graph = graphOf("a");
  identity(constant(new Array(100).fill(0.5), { graph, name: "many" }), { name: "long".repeat(50) });
  const session = master.open(graph, { channelOptions: { "grpc.max_send_message_length": 500 } });
  await expect(session.run("a")).rejects.toMatchObject({
    kind: "ResourceExhaustedError",
    message: expect.stringMatching(/^The graph would take \d+ bytes; the limit of a message to grpc:.* is 500 bytes$/),
  });
  expect(master.created).toEqual([]);
});

it.each(["localhost:2222", "http://localhost:2222", "grpc://localhost", "grpc://", ""])(
  "has no target %j",
  (target) => {
    const create = () => new GrpcSession({ target, graph: new Graph() });
    expect(create).toThrow(expect.objectContaining({ kind: "ValueError" }));
  },
);

it.each([0, -1, Number.NaN])("refuses a timeout of %d ms", (timeoutMs) => {
  expect(() => master.open(new Graph(), { timeoutMs })).toThrow(expect.objectContaining({ kind: "ValueError" }));
});

const { status: openssl } = spawnSync("openssl", ["version"], { stdio: "ignore" });

it.runIf(openssl === 0)("takes the credentials of a server behind TLS (needs openssl to make some)", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tfsaver-tls-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, ...subject], {
    stdio: "ignore",
  });
  const pair = { private_key: readFileSync(key), cert_chain: readFileSync(cert) };
  rmSync(folder, { recursive: true });
  const secure = await FakeMaster.start(ServerCredentials.createSsl(null, [pair]));
  try {
    const channelOptions = { "grpc.ssl_target_name_override": "localhost" };
    const trusting = { credentials: credentials.createSsl(pair.cert_chain), channelOptions };
    await secure.open(graphOf("a"), trusting).run("a");
    expect(secure.steps).toHaveLength(1);
    const plain = secure.open(graphOf("a"));
    await expect(plain.run("a")).rejects.toMatchObject({ kind: "UnavailableError" });
  } finally {
    await secure.stop();
  }
});
