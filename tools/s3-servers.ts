import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { buildWithGo } from "./go.js";
import { preparePython } from "./python.js";

const VERSITYGW = "github.com/versity/versitygw/cmd/versitygw@v1.8.0";
const MOST_SECONDS = 60;

/** A real S3 server on this machine. */
export class S3Server {
  static readonly credentials = { accessKeyId: "interop-key-id", secretAccessKey: "interop-secret" };

  private constructor(
    readonly url: string,
    private readonly process: ChildProcess,
    private readonly folder: string,
  ) {}

  /**
   * Starts versitygw, which keeps objects as files. Builds it the first time.
   *
   * @param base - the folder to keep them in. Default: that for temporary files
   */
  static async versitygw(base = tmpdir()): Promise<S3Server> {
    const binary = buildWithGo(VERSITYGW);
    const { accessKeyId, secretAccessKey } = S3Server.credentials;
    const environment = { ROOT_ACCESS_KEY: accessKeyId, ROOT_SECRET_KEY: secretAccessKey };
    return S3Server.#start(environment, base, (port, folder) => [
      ...[binary, "--port", `127.0.0.1:${port}`, "--quiet", "--keep-alive", "posix", folder],
    ]);
  }

  /** Starts moto, which keeps objects in memory. */
  static async moto(): Promise<S3Server> {
    const server = join(dirname(preparePython("s3")), "moto_server");
    return S3Server.#start({}, tmpdir(), (port) => [server, "-H", "127.0.0.1", "-p", String(port)]);
  }

  static async #start(
    environment: Readonly<Record<string, string>>,
    base: string,
    commandOf: (port: number, folder: string) => readonly string[],
  ): Promise<S3Server> {
    const folder = mkdtempSync(join(base, "tfsaver-s3-"));
    const port = await freePort();
    const [command = "", ...args] = commandOf(port, folder);
    const child = spawn(command, args, { stdio: "ignore", env: { ...process.env, ...environment } });
    const server = new S3Server(`http://127.0.0.1:${port}`, child, folder);
    await server.#untilReady(command);
    return server;
  }

  /** Makes a client of this server. */
  client(): S3Client {
    const settings = { endpoint: this.url, region: "us-east-1", forcePathStyle: true, maxAttempts: 1 };
    return new S3Client({ ...settings, credentials: S3Server.credentials });
  }

  /** Variables with which clients of AWS in other processes find this server. */
  get environment(): NodeJS.ProcessEnv {
    const { accessKeyId, secretAccessKey } = S3Server.credentials;
    return {
      ...{ AWS_ENDPOINT_URL: this.url, AWS_REGION: "us-east-1" },
      ...{ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
    };
  }

  /** Makes a bucket. */
  async createBucket(name: string): Promise<void> {
    const client = this.client();
    await client.send(new CreateBucketCommand({ Bucket: name }));
    client.destroy();
  }

  async #untilReady(command: string): Promise<void> {
    for (let tries = 0; tries < 10 * MOST_SECONDS; tries++) {
      const answer = await fetch(this.url).catch(() => undefined);
      if (answer !== undefined) return;
      if (this.process.exitCode !== null) break;
      await delay(100);
    }
    await this.close();
    throw new Error(`${command} did not answer at ${this.url}`);
  }

  async close(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const ended = new Promise((resolve) => this.process.once("exit", resolve));
      this.process.kill("SIGKILL");
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
