import { spawnSync } from "node:child_process";

/**
 * Fails if a dependency of the published packages has a known vulnerability. A registry that does not answer is no failure:
 * that tells nothing about the packages.
 */
const { stdout, stderr } = spawnSync("pnpm", ["audit", "--prod", "--json"], { encoding: "utf8" });

interface Report {
  readonly advisories?: Readonly<
    Record<string, { readonly module_name: string; readonly title: string; readonly url: string }>
  >;
  readonly error?: { readonly message?: string };
}

let report: Report;
try {
  report = JSON.parse(stdout) as Report;
} catch {
  report = { error: { message: stderr.trim() || stdout.trim() } };
}
if (report.advisories === undefined) {
  console.log(`not audited: the registry does not answer: ${report.error?.message ?? "unknown"}`);
} else {
  const advisories = Object.values(report.advisories);
  for (const { module_name, title, url } of advisories) console.error(`${module_name}: ${title} (${url})`);
  if (advisories.length > 0) process.exit(1);
  console.log("no known vulnerability in the dependencies of the published packages");
}
