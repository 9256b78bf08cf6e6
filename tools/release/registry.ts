import { execSync, spawn } from "node:child_process";
import { openSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { cacheFolder, install } from "../install.js";
import { scratchFolder } from "./scratch.js";
import type { Release } from "./workspace-copy.js";

/** The last version that runs on Node.js 20. */
const VERDACCIO = "verdaccio@6.8.0";
/** Verdaccio asks for it by a tag, which not every mirror of the registry has. */
const OVERRIDES = { "node-fetch": "2.7.0" };

/** A private registry on loopback, with nothing in it. */
export interface Registry {
  readonly url: string;
  /** Lines of an `.npmrc` that send everything to this registry, as a user who may publish. */
  readonly npmrc: string;
  /** Returns all published versions of packages. */
  published(names: readonly string[]): Promise<Release[]>;
  /** Stops the registry. */
  stop(): void;
}

/** Starts a registry that holds the packages of this repository, and passes on requests for all others to the usual one. */
export async function startRegistry(): Promise<Registry> {
  const modules = install(cacheFolder("release/registry"), [VERDACCIO], OVERRIDES);
  const folder = scratchFolder("registry");
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const config = {
    storage: join(folder, "storage"),
    auth: { htpasswd: { file: join(folder, "htpasswd"), algorithm: "bcrypt", rounds: 4 } },
    uplinks: {
      usual: { url: execSync("npm config get registry", { cwd: folder, encoding: "utf8" }).trim(), maxage: "1h" },
    },
    packages: {
      "@tfsaver/*": { access: "$all", publish: "$authenticated" },
      tfsaver: { access: "$all", publish: "$authenticated" },
      "**": { access: "$all", proxy: "usual" },
    },
    // The viewer and TensorFlow.js are large.
    max_body_size: "100mb",
    log: { type: "file", path: join(folder, "log"), level: "warn" },
  };
  // YAML's grammar includes JSON's.
  writeFileSync(join(folder, "config.yaml"), JSON.stringify(config));
  const args = [
    join(modules, "verdaccio/bin/verdaccio"),
    "--config",
    join(folder, "config.yaml"),
    "--listen",
    `127.0.0.1:${port}`,
  ];
  const said = join(folder, "stderr");
  const server = spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "ignore", openSync(said, "w")] });
  const stop = () => void server.kill();
  try {
    await answers(`${url}-/ping`);
    const token = await addUser(url);
    const npmrc = `registry=${url}\n//127.0.0.1:${port}/:_authToken=${token}\n`;
    return { url, npmrc, published: (names) => published(url, names), stop };
  } catch (cause) {
    stop();
    throw new Error(`the registry does not start: ${readFileSync(said, "utf8")}`, { cause });
  }
}

async function published(url: string, names: readonly string[]): Promise<Release[]> {
  const releases = await Promise.all(
    names.map(async (name) => {
      const response = await fetch(url + name.replace("/", "%2f"));
      if (response.status === 404) return [];
      const { versions } = (await response.json()) as { readonly versions: object };
      return Object.keys(versions).map((version) => ({ name, version }));
    }),
  );
  return releases.flat();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((listening) => server.once("listening", listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  if (typeof address !== "object" || address === null) throw new Error("there is no free port on 127.0.0.1");
  return address.port;
}

async function answers(url: string): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    if ((await fetch(url).catch(() => undefined))?.ok) return;
    await setTimeout(100);
  }
  throw new Error(`${url}: the registry does not answer within 30 s`);
}

/** Registers a user and returns the token with which it publishes. */
async function addUser(url: string): Promise<string> {
  const response = await fetch(`${url}-/user/org.couchdb.user:rehearsal`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: "rehearsal", password: "rehearsal-of-a-release" }),
  });
  const { token } = (await response.json()) as { readonly token?: string };
  if (token === undefined) throw new Error(`${url}: the registry refused a new user with status ${response.status}`);
  return token;
}
