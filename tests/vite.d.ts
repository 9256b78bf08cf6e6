// Declares what Vite, which serves the browser tests, adds to modules.

declare module "*?raw" {
  const text: string;
  export default text;
}

interface ImportMeta {
  /** Imports modules by pattern: immediately (`eager`), or when a function is called. */
  glob(pattern: string, options?: { eager?: boolean; import?: string; query?: string }): Record<string, unknown>;
}
