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

function section(folder: string, pages: Readonly<Record<string, string>>): DefaultTheme.SidebarItem[] {
  return Object.entries(pages).map(([name, text]) => ({ text, link: `/${folder}${name}` }));
}

/**
 * Returns the pages in the order in which the sidebar shows them.
 *
 * @param rooms - the packages
 */
export function sidebar(rooms: readonly string[]): DefaultTheme.SidebarItem[] {
  return [
    {
      text: "Tutorials",
      items: section("tutorials/", {
        "read-in-nodejs": "Read a checkpoint in Node.js",
        "in-a-page": "Read a checkpoint in a web page",
        "train-and-resume": "Train, and resume after a crash",
        "python-and-back": "From Python to TypeScript and back",
        cluster: "A TensorFlow cluster",
        s3: "S3",
        "tensorflow-js": "TensorFlow.js",
        command: "The command",
      }),
    },
    {
      text: "Guides",
      items: section("guides/", {
        "which-format": "Which format do I have?",
        "change-a-checkpoint": "Rename, average, convert",
        "partial-restore": "Restore a part",
        retention: "Which checkpoints are kept",
        "disk-full": "When a disk is full",
        "moving-folders": "Move a folder",
        "from-tf-train-saver": "From tf.train.Saver",
      }),
    },
    {
      text: "Extend it",
      items: section("extend/", {
        storage: "Storage",
        session: "Session",
        kernel: "Kernel",
        builder: "Builder",
        saveable: "Saveable",
        trackable: "Trackable",
        "retention-policy": "Retention policy",
        "save-policy": "Save policy",
        "interchange-format": "Interchange format",
      }),
    },
    {
      text: "Reference",
      items: section("", {
        viewer: "The viewer",
        errors: "The errors",
        differences: "Differences from TensorFlow",
        formats: "The formats, byte by byte",
        tested: "How it is tested and measured",
        benchmarks: "Benchmarks",
        security: "Security",
        architecture: "Architecture",
        contributing: "Contributing",
      }),
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
