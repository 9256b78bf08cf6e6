import type { Graph } from "@tfsaver/graph";
import { GraphDef } from "@tfsaver/proto/graph";
import { ConfigProto } from "@tfsaver/proto/master";
import type { MasterClient } from "./master-client.js";
import { methods } from "./master-methods.js";

/** What the server calls a session, and which state of its graph the server has. */
interface Sent {
  readonly handle: string;
  readonly version: bigint;
  /** How many operations the server has. The graph only ever grows at its end. */
  readonly operations: number;
  readonly library: Uint8Array | undefined;
}

/** The server's copy of a graph: sent when it is first needed, and afterwards what has been added. */
export class RemoteGraph {
  #sent: Sent | undefined;
  /** Done when nothing is under way. Two requests at once would both send the same operations. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly graph: Graph,
    private readonly client: MasterClient,
    private readonly config: Partial<ConfigProto>,
  ) {}

  /** The session's handle, `undefined` if the server knows of no session. */
  get handle(): string | undefined {
    return this.#sent?.handle;
  }

  /**
   * Sends what the server lacks, each operation once.
   *
   * @returns the session's handle
   */
  upToDate(signal: AbortSignal): Promise<string> {
    const sending = this.#turn.then(() => this.#send(signal));
    this.#turn = sending.catch(() => {});
    return sending;
  }

  /** Waits for what is under way. */
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
    return this.client.call(methods.extendSession, fields, { what: "What was added to the graph", signal });
  }

  /** The graph's operations from a number on. */
  #graphDef(from: number): GraphDef {
    const { operations, versions, functionLibrary: library } = this.graph;
    const node = operations.slice(from).map((op) => op.toNodeDef());
    const content = node.reduce((bytes, { attr }) => bytes + (attr.get("value")?.tensor?.tensorContent.length ?? 0), 0);
    this.client.requireRoom(content, "The graph");
    return GraphDef.create({ node, versions, library });
  }
}
