import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "../workspace.js";

const REPOSITORY = "https://github.com/tfsaver/tfsaver/";

/** Returns what is wrong with the links of a Markdown file that lead to files of this repository, or to a heading. */
export function brokenLinks(file: string): string[] {
  return linksOf(readFileSync(join(root, file), "utf8")).flatMap((link) => {
    const problem = problemOf(link, file);
    return problem === undefined ? [] : [`${link} ${problem}`];
  });
}

/** Returns the targets of the links and images of a Markdown text. */
export function linksOf(markdown: string): string[] {
  const text = markdown.replace(/^```[\s\S]*?^```$/gm, "").replace(/`[^`\n]*`/g, "");
  const inline = [...text.matchAll(/\]\(([^)\s]+)\)/g)];
  const references = [...text.matchAll(/^\[[^\]]+\]: (\S+)$/gm)];
  const html = [...text.matchAll(/\b(?:href|src|srcset)="([^"]+)"/g)];
  return [...inline, ...references, ...html].map(([, target]) => target as string);
}

function problemOf(link: string, file: string): string | undefined {
  const [, kind, path = "", anchor] =
    /^(?:https:\/\/github\.com\/tfsaver\/tfsaver\/(tree|blob|raw)\/main\/)?([^#]*)#?(.*)$/.exec(link) ?? [];
  if (kind === undefined && /^[a-z]+:/.test(link)) return link.startsWith(REPOSITORY) ? unknownPage(link) : undefined;
  const target = kind === undefined ? join(dirname(file), path) : path;
  const found = path === "" ? file : target;
  if (!existsSync(join(root, found))) return "does not exist";
  const isFolder = statSync(join(root, found)).isDirectory();
  if (kind === "tree" && !isFolder) return "is a file: link it as blob";
  if ((kind === "blob" || kind === "raw") && isFolder) return "is a folder: link it as tree";
  if (!anchor || /^L\d+/.test(anchor)) return undefined;
  const page = isFolder ? join(found, "README.md") : found;
  return anchors(readFileSync(join(root, page), "utf8")).has(anchor) ? undefined : `has no heading #${anchor}`;
}

/** The repository's pages of its host that may be linked, besides its files. */
const PAGES = new Set(["issues", "releases", "security/advisories/new"]);

function unknownPage(link: string): string | undefined {
  return PAGES.has(link.slice(REPOSITORY.length)) ? undefined : "is no page that is known";
}

/** Returns the anchors of the headings of a Markdown text, made as GitHub and npm make them. */
function anchors(markdown: string): Set<string> {
  const names = new Set<string>();
  for (const [, heading = ""] of markdown.replace(/^```[\s\S]*?^```$/gm, "").matchAll(/^#{1,6} (.+)$/gm)) {
    const name = slug(heading);
    let unique = name;
    for (let n = 1; names.has(unique); n++) unique = `${name}-${n}`;
    names.add(unique);
  }
  return names;
}

function slug(heading: string): string {
  const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1");
  return text
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/\s/g, "-");
}
