/** What the page may do. It may ask any server, because a checkpoint may be anywhere. */
const POLICY: Readonly<Record<string, string>> = {
  "default-src": "'none'",
  // Checksums are computed by WebAssembly.
  "script-src": "'self' 'wasm-unsafe-eval'",
  "worker-src": "'self'",
  "style-src": "'self'",
  "img-src": "'self' data: blob:",
  "connect-src": "'self' http: https:",
  "base-uri": "'none'",
  "form-action": "'none'",
};

/** Returns the content security policy of the page. */
export function contentSecurityPolicy(): string {
  return Object.entries(POLICY)
    .map(([directive, sources]) => `${directive} ${sources}`)
    .join("; ");
}
