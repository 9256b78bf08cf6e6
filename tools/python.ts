import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Python environments: the folder and the requirements of each. */
const ENVIRONMENTS = {
  /** For tests and examples. */
  interop: { folder: ".interop/venv", requirements: "tools/oracle/requirements.txt" },
  /** For `npm run bench`, which compares with more than TensorFlow. */
  bench: { folder: ".bench/venv", requirements: "tools/bench/python/requirements.txt" },
  /** For object stores: a server, and the client of AWS. */
  s3: { folder: ".interop/s3-venv", requirements: "tools/oracle/requirements-s3.txt" },
  /** For servers of TensorFlow that write to object stores: the newest one with a `tensorflow-io`. */
  io: { folder: ".interop/io-venv", requirements: "tools/oracle/requirements-io.txt" },
};

/** Installs a Python environment unless it is up to date, and returns the path of its Python. */
export function preparePython(name: keyof typeof ENVIRONMENTS = "interop"): string {
  const { folder, requirements } = ENVIRONMENTS[name];
  const environment = `${root}${folder}`;
  const python = `${environment}/bin/python`;
  const stamp = `${environment}/requirements.txt`;
  const wanted = readFileSync(`${root}${requirements}`, "utf8");
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
    process.stderr.write(`Installing ${requirements} into ${folder} …\n`);
    mkdirSync(dirname(environment), { recursive: true });
    execFileSync("python3", ["-m", "venv", "--clear", environment], { stdio: ["ignore", "inherit", "inherit"] });
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", `${root}${requirements}`];
    execFileSync(python, pip, { stdio: ["ignore", "inherit", "inherit"] });
    writeFileSync(stamp, wanted);
  }
  return python;
}
