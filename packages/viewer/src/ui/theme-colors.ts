/** Colors of the theme, as a canvas takes them. */
export interface ThemeColors {
  readonly text: string;
  readonly quiet: string;
  readonly line: string;
  readonly accent: string;
  readonly bad: string;
}

/** Reads the colors that the theme has now for an element. */
export function themeColors(element: Element): ThemeColors {
  const probe = element.ownerDocument.createElement("span");
  element.append(probe);
  const colorOf = (name: string) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const colors = {
    text: colorOf("text"),
    quiet: colorOf("quiet"),
    line: colorOf("line"),
    accent: colorOf("accent"),
    bad: colorOf("bad"),
  };
  probe.remove();
  return colors;
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
