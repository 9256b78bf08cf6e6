import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, dirname, type Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { answerRequest } from "./answer-request.js";
import { ServedFolder } from "./served-folder.js";

/** Options of {@link serveViewer}. */
export interface ServeViewerOptions {
  /** Storage that holds the checkpoint. Default: the local file system. */
  readonly storage?: Storage | undefined;
  /** Port to listen on. Default: any that is free. */
  readonly port?: number | undefined;
}

/** A viewer that is being served. */
export interface ServedViewer {
  /** Address of the page. It holds a secret, so nobody else on this machine can read the files. */
  readonly url: string;
  /** Ends the server. */
  close(): Promise<void>;
}

/**
 * Serves the viewer with a checkpoint, on this machine alone: on the loopback interface, below a secret path, and for requests that
 * name it as their host. Files are read only, and only those in the folder of the checkpoint; links that lead out of it are refused.
 *
 * @param path - a checkpoint: its prefix, any of its files, or a folder
 * @throws `NotFoundError` if neither the path nor its folder exists; the storage's errors; the system's error if the port is taken.
 *
 * @example
 * ```ts
 * import { serveViewer } from "@tfsaver/viewer/node";
 *
 * const viewer = await serveViewer("run/model.ckpt-7");
 * console.log(viewer.url);
 * await viewer.close();
 * ```
 */
export async function serveViewer(path: string, options: ServeViewerOptions = {}): Promise<ServedViewer> {
  const { storage = defaultStorage(), port = 0 } = options;
  const isFolder = (await isDirectory(storage, path)) || path.endsWith("/");
  const folder = await ServedFolder.open(storage, isFolder ? path : dirname(path) || ".");
  const token = randomBytes(18).toString("base64url");
  const server = createServer((request, response) => {
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    void answerRequest(request, response, { host, token, folder });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, "127.0.0.1", resolve);
  });
  const { port: used } = server.address() as AddressInfo;
  const served = encodeURIComponent(isFolder ? "" : basename(path));
  return {
    url: `http://127.0.0.1:${used}/${token}/?served=${served}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function isDirectory(storage: Storage, path: string): Promise<boolean> {
  return (await storage.stat(path))?.kind === "directory";
}
