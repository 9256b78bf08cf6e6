/** Has a process under Node.js, and none in a page. */
const host = globalThis as { readonly process?: { readonly platform?: string } };

/** Returns a path with `/` between its names. On Windows, `\` separates them too; elsewhere it is a part of a name. */
export function withSlashes(path: string): string {
  return host.process?.platform === "win32" ? path.replaceAll("\\", "/") : path;
}
