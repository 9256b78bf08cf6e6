import type { IncomingMessage, ServerResponse } from "node:http";
import { CheckpointError, isCheckpointError } from "@tfsaver/core";
import { answerFile } from "./answer-file.js";
import { answerPage } from "./answer-page.js";
import type { ServedFolder } from "./served-folder.js";

/** What a request must fit. */
export interface Served {
  /** The host that requests must name, so that no page elsewhere reaches this server by a name of its own. */
  readonly host: string;
  /** First part of all paths. */
  readonly token: string;
  readonly folder: ServedFolder;
}

const STATUS: Readonly<Record<string, number>> = {
  NotFoundError: 404,
  FailedPreconditionError: 404,
  InvalidArgumentError: 404,
  PermissionDeniedError: 403,
  UnimplementedError: 501,
};

/** Answers a request: the page, `files/…` with ranges, or `list/…` and `stat/…` as JSON. */
export async function answerRequest(
  request: IncomingMessage,
  response: ServerResponse,
  { host, token, folder }: Served,
): Promise<void> {
  response.setHeader("X-Content-Type-Options", "nosniff");
  response.setHeader("Referrer-Policy", "no-referrer");
  response.setHeader("Cross-Origin-Resource-Policy", "same-origin");
  response.setHeader("Cache-Control", "no-store");
  try {
    if (request.headers.host !== host) return end(response, 421, "Wrong host");
    if (request.method !== "GET" && request.method !== "HEAD") return end(response, 405, "Only GET and HEAD");
    const path = pathOf(request.url);
    if (path === undefined || !path.startsWith(`/${token}/`)) return end(response, 404, "Not found");
    const [kind = "", ...rest] = path.slice(token.length + 2).split("/");
    const file = rest.join("/");
    if (kind === "files") await answerFile(request, response, await folder.open(file));
    else if (kind === "list") sendJson(response, await folder.list(file));
    else if (kind === "stat") sendJson(response, (await folder.stat(file)) ?? null);
    else await answerPage(response, [kind, ...rest].join("/"));
  } catch (error) {
    const status = error instanceof CheckpointError || isCheckpointError(error) ? (STATUS[error.kind] ?? 500) : 500;
    end(response, status, error instanceof Error ? error.message : String(error));
  }
}

/** Returns the decoded path of a request; undefined if it is none. */
function pathOf(url: string | undefined): string | undefined {
  try {
    return decodeURIComponent(new URL(url ?? "", "http://127.0.0.1").pathname);
  } catch {
    return undefined;
  }
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(value));
}

function end(response: ServerResponse, status: number, message: string): void {
  if (response.headersSent) response.destroy();
  else response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8" }).end(`${message}\n`);
}
