import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Folder and requirements of each Python environment. */
const ENVIRONMENTS = {
  /** For tests and examples. */
  interop: { folder: ".interop/venv", requirements: "tools/oracle/requirements.txt" },
  /** For `npm run bench`: also contains other libraries to compare with. */
  bench: { folder: ".bench/venv", requirements: "tools/bench/python/requirements.txt" },
};

/** Returns the Python of an environment with TensorFlow. Creates it if it is missing or its requirements changed. */
export function preparePython(name: keyof typeof ENVIRONMENTS = "interop"): string {
  const { folder, requirements } = ENVIRONMENTS[name];
  const environment = `${root}${folder}`;
  const python = `${environment}/bin/python`;
  const stamp = `${environment}/requirements.txt`;
  const wanted = readFileSync(`${root}${requirements}`, "utf8");
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
    process.stderr.write(`Installing TensorFlow into ${folder} …\n`);
    mkdirSync(dirname(environment), { recursive: true });
    execFileSync("python3", ["-m", "venv", "--clear", environment], { stdio: ["ignore", "inherit", "inherit"] });
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", `${root}${requirements}`];
    execFileSync(python, pip, { stdio: ["ignore", "inherit", "inherit"] });
    writeFileSync(stamp, wanted);
  }
  return python;
}
