const sheets = new Map<string, CSSStyleSheet>();

/** Adds styles to a root, once. Sheets that are made by a script need no `unsafe-inline` in a content security policy. */
export function adoptStyles(root: Document | ShadowRoot, css: string): void {
  const sheet = sheets.get(css) ?? new CSSStyleSheet();
  if (!sheets.has(css)) {
    sheet.replaceSync(css);
    sheets.set(css, sheet);
  }
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
}
