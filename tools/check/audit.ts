import { spawnSync } from "node:child_process";

/**
 * Fails if a dependency of the published packages has a known vulnerability. Passes if the registry cannot be asked,
 * because that says nothing about the packages.
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
  console.log(
    `Dependencies were not audited: the registry did not answer (${report.error?.message ?? "no reason given"}).`,
  );
} else {
  const advisories = Object.values(report.advisories);
  for (const { module_name, title, url } of advisories) console.error(`${module_name}: ${title} (${url})`);
  if (advisories.length > 0) process.exit(1);
  console.log("The dependencies of the published packages have no known vulnerabilities.");
}
