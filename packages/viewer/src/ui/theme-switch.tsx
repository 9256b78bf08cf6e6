import { useLayoutEffect, useRef, useState } from "preact/hooks";

const THEMES = ["auto", "light", "dark"] as const;

/** Name under which the choice is kept in the browser. */
const KEY = "tfsaver-viewer-theme";

/** Switches between the colors of the system, light and dark. */
export function ThemeSwitch() {
  const element = useRef<HTMLSelectElement>(null);
  const [theme, setTheme] = useState(readTheme);
  useLayoutEffect(() => {
    const root = element.current?.getRootNode();
    if (root instanceof ShadowRoot) (root.host as HTMLElement).dataset.theme = theme;
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // A page without storage forgets the choice.
    }
  }, [theme]);
  return (
    <select
      ref={element}
      aria-label="Colors"
      value={theme}
      onChange={(event) => setTheme(event.currentTarget.value as (typeof THEMES)[number])}
    >
      <option value="auto">Auto theme</option>
      <option value="light">Light theme</option>
      <option value="dark">Dark theme</option>
    </select>
  );
}

function readTheme(): (typeof THEMES)[number] {
  try {
    const kept = localStorage.getItem(KEY);
    return THEMES.find((theme) => theme === kept) ?? "auto";
  } catch {
    return "auto";
  }
}
