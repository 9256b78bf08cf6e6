/**
 * Rehearses a release on a private registry: publishes all packages, uses them as strangers do, and publishes a change:
 * `npm run release:rehearse`. With `--short`, tries three packages with npm alone.
 */
import { join } from "node:path";
import { packages, root } from "../../tests/workspace.js";
import { compileExamples, MODES, runExamples } from "./examples.js";
import { installOld, mustFollow, releaseChange, updateOld } from "./next-release.js";
import { BUNDLERS, bundle, openPages, PAGE_PACKAGES, pageSize } from "./page.js";
import { emptyProject, installInto, installLine, MANAGERS, type Project } from "./project.js";
import { startRegistry } from "./registry.js";
import { requireEntries } from "./require.js";
import { removeScratch } from "./scratch.js";
import { installedSize } from "./sizes.js";
import { Steps } from "./steps.js";
import { installTools } from "./tools.js";
import { copyWorkspace, identify, release } from "./workspace-copy.js";

const SHORT: readonly string[] = ["checkpoint-reader", "saver", "cli"];

const short = process.argv.includes("--short");
const managers = short ? (["npm"] as const) : MANAGERS;
const runtimes = short ? (["node"] as const) : (["node", "bun", "deno"] as const);
const tried = short ? packages.filter(({ room }) => SHORT.includes(room)) : packages;

const steps = new Steps();
const tools = installTools();
const registry = await startRegistry();
try {
  const copy = await copyWorkspace(registry);
  await steps.required("publish everything", async () => {
    const released = await release(copy, registry);
    requireSame(released.map(({ name }) => name).sort(), packages.map(({ manifest }) => manifest.name).sort());
    return released.map(identify).join(", ");
  });
  const old = [];
  for (const manager of managers) old.push(await installOld(registry, manager, tools));

  for (const manager of managers) {
    for (const found of tried) {
      await steps.run(`${manager}: ${found.room}`, async () => {
        const project: Project = { folder: emptyProject(registry), package: found };
        await installInto(project.folder, manager, installLine(found), tools);
        return manager === "npm" ? useInAllWays(project) : useWithNode(project);
      });
    }
  }
  if (!short) await tryPages();

  for (const kind of short ? (["patch"] as const) : (["patch", "minor"] as const)) {
    await steps.run(`a ${kind} of a low package publishes what must follow, and nothing else`, async () => {
      const released = await releaseChange(copy, registry, kind);
      requireSame(released.map(({ name }) => name).sort(), mustFollow(kind));
      return released.map(identify).join(", ");
    });
    if (kind === "minor") continue;
    for (const project of old) {
      await steps.run(`${project.manager}: an update of an old project brings the patch`, () =>
        updateOld(project, tools),
      );
    }
  }
} finally {
  registry.stop();
  removeScratch();
}
steps.finish();

async function useInAllWays(project: Project): Promise<string> {
  const size = installedSize(project.folder);
  for (const mode of MODES) await compileExamples(project, mode, tools);
  const runs = [];
  for (const runtime of runtimes) runs.push(`${await runExamples(project, runtime, tools)} on ${runtime}`);
  return `${(size / 1e6).toFixed(1)} MB; ${await requireEntries(project)} entries by require; examples: ${runs.join(", ")}`;
}

async function useWithNode(project: Project): Promise<string> {
  await compileExamples(project, "nodenext", tools);
  return `examples: ${await runExamples(project, "node", tools)} on node`;
}

async function tryPages(): Promise<void> {
  const folder = emptyProject(registry);
  await installInto(folder, "npm", PAGE_PACKAGES, tools);
  const pages: Record<string, string> = {};
  for (const bundler of BUNDLERS) {
    await steps.run(`a page by ${bundler}`, async () => {
      pages[bundler] = await bundle(folder, bundler, tools);
      return `${(pageSize(pages[bundler]) / 1e3).toFixed(1)} kB of scripts, gzipped`;
    });
  }
  await steps.run("the pages in Chromium", () => openPages(pages, join(root, "fixtures/goldens")));
}

function requireSame(found: readonly string[], wanted: readonly string[]): void {
  if (found.join() === wanted.join()) return;
  throw new Error(`published: ${found.join(", ")}\nexpected:  ${wanted.join(", ")}`);
}
