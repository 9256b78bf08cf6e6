import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Where the sources are shown. */
export const REPOSITORY = "https://github.com/tfsaver/tfsaver";

/** Pages of the site that show a file of the repository. */
const SHOWN: ReadonlyMap<string, string> = new Map([
  ["ARCHITECTURE.md", "architecture"],
  ["BENCHMARKS.md", "benchmarks"],
  ["CONTRIBUTING.md", "contributing"],
  ["SECURITY.md", "security"],
]);

/** Returns the file of the repository whose text a page of the site shows: usually its own. */
export function sourceOf(page: string): string {
  const [, room] = /^packages\/(.+)\.md$/.exec(page) ?? [];
  if (room !== undefined && room !== "index") return `packages/${room}/README.md`;
  for (const [file, shown] of SHOWN) if (page === `${shown}.md`) return file;
  return `docs/${page}`;
}

/**
 * Returns where a link of a file leads on the site: to the page that shows the file or folder that it names, otherwise to the
 * repository. Links to elsewhere stay as they are.
 *
 * @param source - path of the file in the repository
 */
export function siteLink(href: string, source: string): string {
  const named = href.replace(new RegExp(`^${REPOSITORY}/(?:blob|tree)/main/`), "repository:");
  if (/^(?!repository:)[a-z]+:|^[#/]/.test(named)) return href;
  const [path = "", anchor] = named.split("#") as [string, string?];
  const target = path.startsWith("repository:") ? path.slice("repository:".length) : join(dirname(source), path);
  const page = pageOf(target.replace(/\/$/, ""));
  const hash = anchor === undefined ? "" : `#${anchor}`;
  if (page !== undefined) return `/${page}${hash}`;
  if (!existsSync(join(root, target))) return href;
  return `${REPOSITORY}/tree/main/${relative(root, join(root, target))}${hash}`;
}

function pageOf(target: string): string | undefined {
  const [, room] = /^packages\/([^/]+)(?:\/README\.md)?$/.exec(target) ?? [];
  if (room !== undefined) return `packages/${room}`;
  if (target.startsWith("docs/") && target.endsWith(".md")) return target.slice("docs/".length);
  if (target === "" || target === "." || target === "README.md") return "index.md";
  return SHOWN.get(target);
}
