import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const environment = `${root}.interop/venv`;
const requirements = `${root}tools/oracle/requirements.txt`;

/** Makes the Python environment with TensorFlow, if it is not there as the requirements say, and gives its Python. */
export function preparePython(): string {
  const python = `${environment}/bin/python`;
  const stamp = `${environment}/requirements.txt`;
  const wanted = readFileSync(requirements, "utf8");
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
    process.stderr.write("Installing TensorFlow into .interop/venv …\n");
    mkdirSync(`${root}.interop`, { recursive: true });
    execFileSync("python3", ["-m", "venv", "--clear", environment], { stdio: ["ignore", "inherit", "inherit"] });
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements];
    execFileSync(python, pip, { stdio: ["ignore", "inherit", "inherit"] });
    writeFileSync(stamp, wanted);
  }
  return python;
}
