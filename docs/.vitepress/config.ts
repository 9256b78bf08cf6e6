import type { Plugin } from "vite";
import { defineConfig } from "vitepress";
import { packages } from "../../tests/workspace.js";
import { REPOSITORY, siteLink, sourceOf } from "./repository-links.js";
import { sidebar } from "./sidebar.js";
import { slugify } from "./slugify.js";

/** Keeps the viewer out of the pages that are rendered in advance. */
const viewerOnlyInBrowser: Plugin = {
  name: "viewer-only-in-browser",
  enforce: "pre",
  resolveId(id) {
    return this.environment.name === "ssr" && id.startsWith("@tfsaver/") ? { id, external: true } : undefined;
  },
};

// As in the viewer's own build.
const checks = { ineffectiveDynamicImport: false };

/** Ranks what is written for a question above the reference. It runs in the page, so it names nothing from here. */
function boostDocument(page: string): number {
  const boosts: readonly (readonly [RegExp, number])[] = [
    [/\/(tutorials|guides|extend|errors)/, 4],
    [/\/api\//, 0.5],
    [/\/security/, 0.2],
  ];
  return boosts.find(([pages]) => pages.test(page))?.[1] ?? 1;
}

/** Counts words that are in every text for little, so that the others of a question decide. Runs in the page too. */
function boostTerm(term: string): number {
  const common = /^(an?|and|as|at|by|for|from|how|in|is|its?|my|not|of|on|or|the|to|with|your)$/;
  return common.test(term) ? 0.1 : 1;
}

/** Lets long words differ by some letters. A short one with another letter is another word. Runs in the page too. */
function fuzzy(term: string): number | false {
  return term.length > 4 ? 0.2 : false;
}

export default defineConfig({
  title: "tfsaver",
  titleTemplate: ":title | TensorFlow checkpoints in TypeScript",
  description: "Read, write, train on and convert TensorFlow checkpoints in TypeScript, in Node.js and browsers.",
  lang: "en-US",
  base: "/tfsaver/",
  cleanUrls: true,
  head: [["link", { rel: "icon", href: "/tfsaver/favicon.svg", type: "image/svg+xml" }]],
  srcExclude: ["node_modules/**"],
  markdown: {
    anchor: { slugify },
    toc: { slugify },
    headers: { slugify },
    languageAlias: { hex: "txt" },
    config(md) {
      md.core.ruler.push("site", ({ tokens, env }) => {
        const source = sourceOf(env.relativePath);
        for (const [i, token] of tokens.entries()) {
          // A header cell without text says nothing to a screen reader.
          if (token.type !== "th_open" || tokens[i + 1]?.content !== "") continue;
          for (const cell of [token, tokens[i + 2]]) if (cell) cell.tag = "td";
        }
        for (const token of tokens.flatMap(({ children }) => children ?? [])) {
          if (token.type === "link_open") token.attrSet("href", siteLink(token.attrGet("href") ?? "", source));
          // Code is not a template of Vue, whatever braces it has.
          if (token.type === "code_inline") token.attrSet("v-pre", "");
        }
      });
    },
  },
  vite: {
    resolve: { conditions: ["@tfsaver/source", "browser", "module"] },
    plugins: [viewerOnlyInBrowser],
    worker: { format: "es", rolldownOptions: { checks } },
    build: { chunkSizeWarningLimit: 6000, rolldownOptions: { checks } },
  },
  themeConfig: {
    nav: [
      { text: "Tutorials", link: "/tutorials/read-in-nodejs", activeMatch: "/tutorials/" },
      { text: "Guides", link: "/guides/which-format", activeMatch: "/guides/" },
      { text: "Errors", link: "/errors" },
      { text: "API", link: "/api/tfsaver", activeMatch: "/api/" },
      { text: "Viewer", link: "/viewer" },
    ],
    sidebar: sidebar(packages.map(({ room }) => room)),
    search: { provider: "local", options: { miniSearch: { searchOptions: { boostDocument, boostTerm, fuzzy } } } },
    socialLinks: [{ icon: "github", link: REPOSITORY }],
    outline: [2, 3],
    externalLinkIcon: true,
  },
});
