import type { Storage } from "@tfsaver/storage";
import { type Calls, connect } from "../rpc/index.js";
import { serveStorages } from "../storage/serve-storages.js";
import type { Engine, Ports } from "../worker/contract.js";

/** The worker that reads, and how to end it. */
export interface RunningEngine {
  readonly calls: Calls<Engine>;
  end(): void;
}

/** Starts the worker. It reads from the storages of the page by their numbers. */
export function startEngine(storageOf: (source: number) => Storage): RunningEngine {
  const worker = new Worker(new URL("../worker/worker.ts", import.meta.url), { type: "module" });
  const engine = new MessageChannel();
  const storages = new MessageChannel();
  const ports: Ports = { engine: engine.port2, storages: storages.port2 };
  worker.postMessage(ports, [engine.port2, storages.port2]);
  serveStorages(storages.port1, storageOf);
  return {
    calls: connect<Engine>(engine.port1),
    end: () => {
      worker.terminate();
      engine.port1.close();
      storages.port1.close();
    },
  };
}
