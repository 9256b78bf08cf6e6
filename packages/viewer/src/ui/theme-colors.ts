/** Colors of the theme, as a canvas takes them. */
export interface ThemeColors {
  readonly text: string;
  readonly quiet: string;
  readonly line: string;
  readonly accent: string;
  readonly bad: string;
}

/** Reads a color that the theme has now for an element, by the name of its variable without dashes. */
export function colorOf(element: Element, name: string): string {
  // The value of a variable may be light-dark(), which only a property resolves.
  const probe = element.ownerDocument.createElement("span");
  probe.style.color = `var(--${name})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** Reads the colors that the theme has now for an element. */
export function themeColors(element: Element): ThemeColors {
  return {
    text: colorOf(element, "text"),
    quiet: colorOf(element, "quiet"),
    line: colorOf(element, "line"),
    accent: colorOf(element, "accent"),
    bad: colorOf(element, "bad"),
  };
}

/** Calls a listener when the theme changes: by the system, or by the switch. Returns what ends that. */
export function onThemeChange(element: Element, listener: () => void): () => void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", listener);
  const root = element.getRootNode();
  const observer = new MutationObserver(listener);
  if (root instanceof ShadowRoot) observer.observe(root.host, { attributeFilter: ["data-theme"] });
  return () => {
    system.removeEventListener("change", listener);
    observer.disconnect();
  };
}
