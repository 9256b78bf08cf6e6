// Types of what Vite adds to modules.

declare module "*?raw" {
  const text: string;
  export default text;
}

interface ImportMeta {
  /** Returns modules by path: imported (`eager`), or functions that import them. */
  glob(pattern: string, options?: { eager?: boolean; import?: string; query?: string }): Record<string, unknown>;
}
