import { readdirSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder, install } from "../install.js";

const PACKAGES = [
  "@types/node@20.19.43",
  "bun@1.4.5",
  "deno@2.9.6",
  "esbuild@0.27.7",
  "pnpm@10.34.9",
  "typescript@5.9.3",
  "vite@8.3.8",
  "webpack@5.113.0",
  "webpack-cli@7.3.1",
];

/** The programs with which packages are installed, compiled, bundled and run. */
export interface Tools {
  /** Folder of the types of Node.js. */
  readonly types: string;
  readonly bun: string;
  readonly deno: string;
  /** Returns the path of the file that Node.js runs for a command, such as `tsc`. */
  bin(command: "esbuild" | "pnpm" | "tsc" | "vite" | "webpack"): string;
}

const BINS = {
  esbuild: "esbuild/bin/esbuild",
  pnpm: "pnpm/bin/pnpm.cjs",
  tsc: "typescript/bin/tsc",
  vite: "vite/bin/vite.js",
  webpack: "webpack-cli/bin/cli.js",
};

/** Installs the programs, in versions that are known to work together. */
export function installTools(): Tools {
  const modules = install(cacheFolder("release/tools"), PACKAGES);
  // Without install scripts, the packages `bun` and `deno` do not find these by themselves.
  const native = (scope: string, path: string) => {
    const [platform] = readdirSync(join(modules, scope));
    if (platform === undefined) throw new Error(`${scope} has no program for ${process.platform}-${process.arch}`);
    return join(modules, scope, platform, path);
  };
  return {
    types: join(modules, "@types"),
    bun: native("@oven", "bin/bun"),
    deno: native("@deno", "deno"),
    bin: (command) => join(modules, BINS[command]),
  };
}
