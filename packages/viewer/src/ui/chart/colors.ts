/** Returns a color of the style sheets as a canvas takes it. */
export function colorOf(element: HTMLElement, variable: `--${string}`): string {
  // A variable may hold light-dark(), which only a property resolves.
  element.style.setProperty("color", `var(${variable})`);
  const { color } = getComputedStyle(element);
  element.style.removeProperty("color");
  return color;
}

/**
 * Calls a function whenever colors change: with the system's, or by the switch.
 *
 * @returns ends that.
 */
export function onColorsChange(element: Element, listener: () => void): () => void {
  const query = matchMedia("(prefers-color-scheme: dark)");
  query.addEventListener("change", listener);
  const observer = new MutationObserver(listener);
  const root = element.getRootNode();
  if (root instanceof ShadowRoot) observer.observe(root.host, { attributeFilter: ["data-theme"] });
  return () => {
    query.removeEventListener("change", listener);
    observer.disconnect();
  };
}
