import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Addresses of the tasks of each job, as in TensorFlow's `ClusterSpec`. */
export type ClusterSpec = Readonly<Record<string, readonly string[]>>;

/** How a process of a cluster is started. */
export interface ServerOptions {
  /** Its working directory. Default: the root of the workspace. */
  readonly cwd?: string;
  /** The Python that runs it, with TensorFlow. Default: that of the interop tests. */
  readonly python?: string;
  /** Variables besides those of this process. */
  readonly environment?: NodeJS.ProcessEnv;
}

/** A process that runs tasks of a TensorFlow cluster. */
export class ServerProcess {
  private constructor(
    private readonly process: ChildProcess,
    /** `grpc://host:port` of each task. */
    readonly targets: readonly string[],
  ) {}

  /** Starts tasks, such as `worker:0`, and waits until they run. */
  static async start(
    cluster: ClusterSpec,
    tasks: readonly string[],
    { cwd = root, python = `${root}.interop/venv/bin/python`, environment = {} }: ServerOptions = {},
  ): Promise<ServerProcess> {
    const args = [`${root}tools/oracle/cluster.py`, JSON.stringify(cluster), ...tasks];
    const env = { ...process.env, ...environment };
    const child = spawn(python, args, { cwd, env, stdio: ["pipe", "pipe", "inherit"] });
    // The process ends when its input ends, so it does not outlive this one.
    for await (const line of createInterface(child.stdout)) return new ServerProcess(child, JSON.parse(line));
    throw new Error(`tools/oracle/cluster.py did not start its servers: exit code ${child.exitCode}`);
  }

  /** Returns the target of the first task. */
  get target(): string {
    return this.targets[0] as string;
  }

  /** Kills the process without warning, as a loss of power would. */
  async kill(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.kill("SIGKILL");
    await ended;
  }
}

/** Returns the addresses of a cluster on this machine, with a number of tasks for each job. */
export async function localCluster(jobs: Readonly<Record<string, number>>): Promise<ClusterSpec> {
  const entries = Object.entries(jobs).map(async ([job, count]) => [job, await freeAddresses(count)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** Starts a server that is not part of a cluster. */
export async function startServer(options?: ServerOptions): Promise<ServerProcess> {
  return ServerProcess.start(await localCluster({ local: 1 }), ["local:0"], options);
}

async function freeAddresses(count: number): Promise<string[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  const addresses = await Promise.all(
    servers.map(async (server) => {
      await new Promise((resolve) => server.once("listening", resolve));
      return `127.0.0.1:${(server.address() as { port: number }).port}`;
    }),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return addresses;
}
