import { readFileSync } from "node:fs";
import { join } from "node:path";
import { filesBelow } from "../../tests/workspace.js";

const BASE = "/tfsaver/";

/**
 * Returns the links and sources in the pages of a built site that lead nowhere on it: to a page or file that is not there, or
 * to an anchor that its page lacks. Links to other sites are not followed.
 */
export function brokenLinks(site: string): string[] {
  const files = new Set(filesBelow(site));
  const pages = new Map(
    [...files].filter((file) => file.endsWith(".html")).map((file) => [file, readFileSync(join(site, file), "utf8")]),
  );
  const anchors = new Map([...pages].map(([file, html]) => [file, new Set(attributes(html, "id"))]));
  return [...pages].flatMap(([page, html]) =>
    [...attributes(html, "href"), ...attributes(html, "src")].flatMap((link) => {
      const url = new URL(link, `https://site${BASE}${page}`);
      if (url.host !== "site") return [];
      const path = decodeURIComponent(url.pathname.slice(BASE.length));
      const file = [path, `${path}.html`, `${path}index.html`].find((candidate) => files.has(candidate));
      if (!url.pathname.startsWith(BASE) || file === undefined) return [`${page}: there is no page ${link}`];
      const anchor = decodeURIComponent(url.hash.slice(1));
      if (anchor === "" || !anchors.has(file) || anchors.get(file)?.has(anchor)) return [];
      return [`${page}: ${link} leads to no anchor`];
    }),
  );
}

function attributes(html: string, name: string): string[] {
  return [...html.matchAll(new RegExp(`<[^>]*\\s${name}="([^"]*)"`, "g"))].map(([, value = ""]) =>
    value.replaceAll("&amp;", "&").replaceAll("&quot;", '"').replaceAll("&#39;", "'"),
  );
}
