import { spawnSync } from "node:child_process";

/**
 * Fails if there is a known weakness in what the published packages bring along. A registry without this service, or
 * none at all, is no failure: it says nothing of the packages.
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
  console.log(`not audited, because the registry gives no answer: ${report.error?.message ?? "unknown"}`);
} else {
  const advisories = Object.values(report.advisories);
  for (const { module_name, title, url } of advisories) console.error(`${module_name}: ${title} (${url})`);
  if (advisories.length > 0) process.exit(1);
  console.log("no known weakness in what is published");
}
