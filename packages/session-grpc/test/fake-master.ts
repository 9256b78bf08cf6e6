import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import type { Graph } from "@tfsaver/graph";
import {
  CloseSessionRequest,
  CloseSessionResponse,
  CreateSessionRequest,
  CreateSessionResponse,
  ExtendSessionRequest,
  ExtendSessionResponse,
  type MessageCodec,
  ResetRequest,
  ResetResponse,
  RunStepRequest,
  RunStepResponse,
} from "@tfsaver/proto/master";
import { GrpcSession, type GrpcSessionOptions } from "../src/index.js";

/** A failure as a gRPC status. */
interface Status {
  readonly code: number;
  readonly details: string;
}

type Answer<T> = T | Status | Promise<T | Status>;

/** A server that records requests and returns configured answers, without running anything. */
export class FakeMaster {
  readonly created: CreateSessionRequest[] = [];
  readonly extended: ExtendSessionRequest[] = [];
  readonly steps: RunStepRequest[] = [];
  readonly closed: string[] = [];
  readonly resets: ResetRequest[] = [];
  /** Number of requests that the client cancelled. */
  cancelled = 0;
  onCreate: (request: CreateSessionRequest) => Answer<Partial<CreateSessionResponse>> = () => ({
    sessionHandle: "s",
    graphVersion: 5n,
  });
  onExtend: (request: ExtendSessionRequest) => Answer<Partial<ExtendSessionResponse>> = (request) => ({
    newGraphVersion: request.currentGraphVersion + 1n,
  });
  onStep: (request: RunStepRequest) => Answer<Partial<RunStepResponse>> = () => ({});
  target = "";
  readonly #server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  readonly #sessions: GrpcSession[] = [];

  static async start(credentials = ServerCredentials.createInsecure()): Promise<FakeMaster> {
    const fake = new FakeMaster();
    fake.#serve("CreateSession", CreateSessionRequest, CreateSessionResponse, (request) => {
      fake.created.push(request);
      return fake.onCreate(request);
    });
    fake.#serve("ExtendSession", ExtendSessionRequest, ExtendSessionResponse, (request) => {
      fake.extended.push(request);
      return fake.onExtend(request);
    });
    fake.#serve("RunStep", RunStepRequest, RunStepResponse, (request) => {
      fake.steps.push(request);
      return fake.onStep(request);
    });
    fake.#serve("CloseSession", CloseSessionRequest, CloseSessionResponse, ({ sessionHandle }) => {
      fake.closed.push(sessionHandle);
      return {};
    });
    fake.#serve("Reset", ResetRequest, ResetResponse, (request) => {
      fake.resets.push(request);
      return {};
    });
    const port = await new Promise<number>((resolve, reject) => {
      const done = (error: Error | null, bound: number) => (error ? reject(error) : resolve(bound));
      fake.#server.bindAsync("127.0.0.1:0", credentials, done);
    });
    fake.target = `grpc://127.0.0.1:${port}`;
    return fake;
  }

  #serve<Request, Response>(
    name: string,
    request: MessageCodec<Request>,
    response: MessageCodec<Response>,
    answer: (request: Request) => Answer<Partial<Response>>,
  ): void {
    const definition = {
      path: `/tensorflow.MasterService/${name}`,
      requestStream: false,
      responseStream: false,
      requestDeserialize: (bytes: Buffer) => request.decode(bytes),
      requestSerialize: (message: Request) => Buffer.from(request.encode(message)),
      responseSerialize: (message: Partial<Response>) => Buffer.from(response.encode(response.create(message))),
      responseDeserialize: (bytes: Buffer) => response.decode(bytes),
    } as const;
    const handle = async (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Partial<Response>>) => {
      let isAnswered = false;
      // The library reports every call that ends, answered or not.
      call.once("cancelled", () => {
        if (!isAnswered) this.cancelled++;
      });
      const answered = await answer(call.request);
      isAnswered = true;
      if ("details" in answered) callback(answered);
      else callback(null, answered);
    };
    this.#server.addService({ [name]: definition }, { [name]: handle });
  }

  open(graph: Graph, options: Omit<GrpcSessionOptions, "graph" | "target"> = {}): GrpcSession {
    const session = new GrpcSession({ target: this.target, graph, ...options });
    this.#sessions.push(session);
    return session;
  }

  /** Closes the server and its sessions. */
  async stop(): Promise<void> {
    await Promise.all(this.#sessions.map((session) => session.close()));
    this.#server.forceShutdown();
  }
}
