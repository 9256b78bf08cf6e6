import { Writable } from "node:stream";
import type { Storage } from "@tfsaver/storage";
import { run } from "../src/run.js";

/** A stream that records what is written to it. */
export class FakeStream extends Writable {
  readonly chunks: Buffer[] = [];

  constructor(readonly isTTY = false) {
    super();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    this.chunks.push(chunk);
    done();
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }

  get text(): string {
    return this.bytes.toString();
  }
}

/** A stream that breaks after a number of writes. */
export class BrokenStream extends FakeStream {
  constructor(private left: number) {
    super();
  }

  override _write(chunk: Buffer, encoding: string, done: (error?: Error) => void): void {
    if (this.left-- > 0) super._write(chunk, encoding, done);
    else done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
  }
}

/** The last line of an error, which leads to the page that explains it. */
const MORE = /^tfckpt: More: (.*)\n$/m;

/** Runs the command in this process. `more` is the link of the last line of an error, and `stderr` the lines before it. */
export async function tfckpt(args: readonly string[], { terminal = false, storage, signal }: Options = {}) {
  const [stdout, stderr] = [new FakeStream(terminal), new FakeStream(terminal)];
  const code = await run(args, { stdout, stderr, storage, signal });
  const more = MORE.exec(stderr.text)?.[1];
  return { code, stdout: stdout.text, stderr: stderr.text.replace(MORE, ""), more, bytes: stdout.bytes };
}

interface Options {
  readonly terminal?: boolean;
  readonly storage?: Storage;
  readonly signal?: AbortSignal;
}
