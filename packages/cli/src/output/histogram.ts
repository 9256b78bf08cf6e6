/** Marks of heights, the lowest first. */
const MARKS = "▁▂▃▄▅▆▇█";
/** Width in places of the longest bar. */
const BAR_WIDTH = 40;

/** Draws counts as one line of `width` marks. What is not empty has a mark, even the lowest. */
export function sparkline(counts: readonly number[], width: number): string {
  const groups = Array.from({ length: Math.min(width, counts.length) }, () => 0);
  for (const [i, count] of counts.entries()) {
    const group = Math.floor((i * groups.length) / counts.length);
    groups[group] = (groups[group] as number) + count;
  }
  const most = groups.reduce((a, b) => Math.max(a, b), 0);
  return groups.map((count) => (count === 0 ? " " : MARKS[Math.ceil((count / most) * MARKS.length) - 1])).join("");
}

/** Draws a count as a bar. */
export function bar(count: number, most: number): string {
  if (count === 0) return "";
  return "█".repeat(Math.floor((count / most) * BAR_WIDTH)) || "▏";
}
