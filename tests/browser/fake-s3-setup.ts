import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** URLs of S3 servers, by their options in JSON. */
    readonly fakeS3: Readonly<Record<string, string>>;
  }
}

/** Starts S3 servers in a process of their own, because modules are resolved for pages in this one. */
export default async function setup(project: TestProject): Promise<() => void> {
  const program = fileURLToPath(new URL("fake-s3-process.ts", import.meta.url));
  const tsx = ["--import", "tsx", "--conditions=@tfsaver/source", program];
  const servers = spawn(process.execPath, tsx, { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(servers.stdout, "data");
  project.provide("fakeS3", JSON.parse(String(line)));
  return () => void servers.kill();
}
