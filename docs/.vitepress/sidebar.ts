import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { DefaultTheme } from "vitepress";

/** Returns the names of the API pages, `storage/node` after `storage`. */
function apiPages(): string[] {
  return readdirSync(fileURLToPath(new URL("../api", import.meta.url)), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md") && name !== "index.md")
    .map((name) => name.slice(0, -".md".length))
    .sort();
}

function nameOf(module: string): string {
  return module === "tfsaver" ? module : `@tfsaver/${module}`;
}

/** The pages, in the order in which the sidebar shows them. */
export function sidebar(rooms: readonly string[]): DefaultTheme.SidebarItem[] {
  return [
    {
      text: "Tutorials",
      items: [{ text: "Read a checkpoint in Node.js", link: "/tutorials/read-in-nodejs" }],
    },
    {
      text: "Packages",
      collapsed: true,
      items: [
        { text: "Which one do I need?", link: "/packages/" },
        ...rooms.map((room) => ({ text: nameOf(room), link: `/packages/${room}` })),
      ],
    },
    { text: "API", collapsed: true, items: apiPages().map((name) => ({ text: nameOf(name), link: `/api/${name}` })) },
  ];
}
