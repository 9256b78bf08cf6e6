/** Formats a time in milliseconds since 1970 as day, hour and minute. */
export function formatTime(ms: number): string {
  return new Date(ms).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
}
