import { createServer, type Http2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { deflateSync, gzipSync } from "node:zlib";
import { afterEach, expect, it } from "vitest";
import { runInOwnProcess } from "../../../tests/own-process.js";

const MIB = 2 ** 20;

/** Sixteen times 64 MiB of zeros, in a megabyte: gzip data may follow each other. */
const gzipBomb = Buffer.concat(new Array<Buffer>(16).fill(gzipSync(Buffer.alloc(64 * MIB))));

let server: Http2Server | undefined;
afterEach(() => void server?.close());

/** Answers every request with one message, and returns the server's address. */
async function serve(encoding: string, message: Uint8Array): Promise<string> {
  const head = Buffer.alloc(5);
  head.writeUInt8(encoding === "identity" ? 0 : 1, 0);
  head.writeUInt32BE(message.length, 1);
  server = createServer().on("stream", (stream) => {
    stream.on("error", () => undefined);
    stream.respond(
      { ":status": 200, "content-type": "application/grpc", "grpc-encoding": encoding },
      { waitForTrailers: true },
    );
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.end(Buffer.concat([head, message]));
  });
  await new Promise<void>((listening) => server?.listen(0, "127.0.0.1", listening));
  return `grpc://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const RUN = `
  import { constant, Graph } from "@tfsaver/graph";
  import { GrpcSession } from "@tfsaver/session-grpc";

  const graph = new Graph();
  constant(1, { graph, name: "a" });
  const session = new GrpcSession({ graph, ...input });
  console.log(await session.run("a").then(() => "fine", (error) => error.kind + ": " + error.message));
  await session.close();
`;

it.each([
  ["gzip", gzipBomb],
  ["deflate", deflateSync(Buffer.alloc(300 * MIB))],
])("an answer that %s makes small takes no more memory than one that is sent as it is", async (encoding, message) => {
  const target = await serve(encoding, message);
  for (const [channelOptions, limit] of [
    [{}, 256 * MIB],
    [{ "grpc.max_receive_message_length": 1000 }, 1000],
  ] as const) {
    expect(await runInOwnProcess(RUN, { target, channelOptions })).toBe(
      `ResourceExhaustedError: The answer of ${target} to CreateSession is larger than ${limit} bytes. To receive it, ` +
        'raise channelOptions["grpc.max_receive_message_length"]\n',
    );
  }
});
