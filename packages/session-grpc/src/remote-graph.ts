import type { Graph } from "@tfsaver/graph";
import { GraphDef } from "@tfsaver/proto/graph";
import { ConfigProto } from "@tfsaver/proto/master";
import type { MasterClient } from "./master-client.js";
import { methods } from "./master-methods.js";

/** A session on the server, and the state of its graph there. */
interface Sent {
  readonly handle: string;
  readonly version: bigint;
  /** Number of operations that were sent. The graph only grows at its end. */
  readonly operations: number;
  readonly library: Uint8Array | undefined;
}

/** Keeps the server's copy of a graph up to date: sends it when it is first needed, then only what was added. */
export class RemoteGraph {
  #sent: Sent | undefined;
  /** Settles when no request is in progress. Two requests at once would send the same operations twice. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly graph: Graph,
    private readonly client: MasterClient,
    private readonly config: Partial<ConfigProto>,
  ) {}

  /** The session's handle; `undefined` before the graph is sent. */
  get handle(): string | undefined {
    return this.#sent?.handle;
  }

  /**
   * Sends the operations that the server doesn't have.
   *
   * @returns the session's handle
   */
  upToDate(signal: AbortSignal): Promise<string> {
    const sending = this.#turn.then(() => this.#send(signal));
    this.#turn = sending.catch(() => {});
    return sending;
  }

  /** Waits for the request in progress. */
  async settled(): Promise<void> {
    await this.#turn;
  }

  async #send(signal: AbortSignal): Promise<string> {
    const { graph } = this;
    const before = this.#sent;
    const now = { operations: graph.size, library: graph.functionLibrary };
    if (before === undefined) {
      const { sessionHandle: handle, graphVersion: version } = await this.#create(signal);
      this.#sent = { handle, version, ...now };
      return handle;
    }
    if (before.operations < now.operations || before.library !== now.library) {
      const { newGraphVersion: version } = await this.#extend(before, signal);
      this.#sent = { handle: before.handle, version, ...now };
    }
    return before.handle;
  }

  #create(signal: AbortSignal) {
    const fields = {
      graphDef: this.#graphDef(0),
      config: ConfigProto.create(this.config),
      target: this.client.target,
    };
    return this.client.call(methods.createSession, fields, { what: "The graph", signal });
  }

  #extend({ handle, version, operations }: Sent, signal: AbortSignal) {
    const fields = { sessionHandle: handle, graphDef: this.#graphDef(operations), currentGraphVersion: version };
    return this.client.call(methods.extendSession, fields, { what: "The addition to the graph", signal });
  }

  /** Converts the graph's operations, starting at a number, to a message. */
  #graphDef(from: number): GraphDef {
    const { operations, versions, functionLibrary: library } = this.graph;
    const node = operations.slice(from).map((op) => op.toNodeDef());
    const content = node.reduce((bytes, { attr }) => bytes + (attr.get("value")?.tensor?.tensorContent.length ?? 0), 0);
    this.client.requireRoom(content, "The graph");
    return GraphDef.create({ node, versions, library });
  }
}
