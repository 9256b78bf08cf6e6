import { useApp } from "../app/context.js";

/** Says that a checkpoint is being verified, whatever is looked at. */
export function Background() {
  const { verifications, shown } = useApp();
  const now = shown.value;
  if (now.status !== "open") return null;
  const progress = verifications.of(now.source, now.path)?.progress;
  if (progress === undefined) return null;
  const percent = progress.total > 0 ? Math.floor((100 * progress.done) / progress.total) : 0;
  return <span class="number">Verifying: {percent} %</span>;
}
