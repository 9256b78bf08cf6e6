import { join, relative } from "node:path";
import { Application, Converter, PageEvent, type ProjectReflection } from "typedoc";
import type { PluginOptions } from "typedoc-plugin-markdown";
import { packages, root } from "../../tests/workspace.js";
import { entryPoints } from "../../tools/entry-points.js";
import { slugify } from "../.vitepress/slugify.js";

/** Generated from TensorFlow's messages: `proto/` shows more than their types would. */
const LEFT_OUT = /^(proto|checkpoint-proto|cli)$/;

/** The entry points: name of the page (`storage/node`) and source file. */
const entries = packages
  .filter(({ room }) => !LEFT_OUT.test(room))
  .flatMap(({ room, folder, manifest }) =>
    entryPoints(manifest.exports).map(({ subpath, source }) => ({
      name: join(room, subpath),
      file: join(folder, source),
    })),
  )
  // Some subpaths have a source for Node.js and one for browsers, with the same names.
  .filter(({ name }, index, all) => all.findIndex((other) => other.name === name) === index);

const layout: Partial<PluginOptions> = {
  outputFileStrategy: "modules",
  entryFileName: "index",
  hideBreadcrumbs: true,
  hidePageHeader: true,
  useCodeBlocks: true,
  parametersFormat: "table",
  sanitizeComments: true,
  useHTMLAnchors: true,
};

/** Writes a page for each entry point of each package to `docs/api`, from the doc comments. */
export async function writeApiPages(): Promise<void> {
  const app = await Application.bootstrapWithPlugins({
    plugin: ["typedoc-plugin-markdown"],
    entryPoints: entries.map(({ file }) => file),
    tsconfig: join(root, "docs/tsconfig.api.json"),
    basePath: root,
    readme: "none",
    outputs: [{ name: "markdown", path: join(root, "docs/api") }],
    disableSources: true,
    excludePrivate: true,
    excludeInternal: true,
    excludeExternals: true,
    // The type check is a check of its own.
    skipErrorChecking: true,
    validation: { notExported: false },
    ...layout,
  });

  // Modules are named by what one imports, not by their source files.
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }: { project: ProjectReflection }) => {
    for (const module of project.children ?? []) {
      const entry = entries.find(({ file }) => relative(root, file).replace(/(\/index)?\.ts$/, "") === module.name);
      if (entry) module.name = entry.name;
    }
  });

  app.renderer.on(PageEvent.END, (page: PageEvent) => {
    page.contents = withoutNeedlessAnchors(page.contents ?? "");
  });

  const project = await app.convert();
  if (project === undefined) throw new Error("typedoc could not read the packages");
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error("The API pages have the problems above");
}

/** Removes the anchors that VitePress makes from the headings. typedoc counts repeated names in another way. */
function withoutNeedlessAnchors(page: string): string {
  const seen = new Map<string, number>();
  const anchors = new Set<string>();
  for (const [, heading = ""] of page.matchAll(/^#+ (.*)$/gm)) {
    const anchor = slugify(heading);
    const count = seen.get(anchor) ?? 0;
    seen.set(anchor, count + 1);
    anchors.add(count === 0 ? anchor : `${anchor}-${count}`);
  }
  return page.replace(/<a id="([^"]+)"><\/a>\n\n/g, (tag, id) => (anchors.has(id) ? "" : tag));
}
