// What Vite, which serves the tests, adds to modules.

declare module "*?raw" {
  const text: string;
  export default text;
}

interface ImportMeta {
  /** Modules by path, imported at once (`eager`) or by a call. */
  glob(pattern: string, options?: { eager?: boolean; import?: string; query?: string }): Record<string, unknown>;
}
