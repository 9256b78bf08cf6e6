import { useMemo } from "preact/hooks";
import { isCheckpoint } from "../../model/is-checkpoint.js";
import { totalsOf } from "../../model/totals.js";
import { NameText } from "../../ui/name-text.js";
import type { ViewProps } from "../view.js";
import { Facts } from "./facts.js";
import { Health } from "./health.js";
import css from "./overview.css?inline";
import { Timeline } from "./timeline.js";

export const styles = css;

/** Shows what a checkpoint is, what is wrong with it, and the other checkpoints of its folder. */
export function View({ catalog, source, path }: ViewProps) {
  const totals = useMemo(() => totalsOf(catalog), [catalog]);
  return (
    <div class="page overview">
      <h2>
        <NameText text={path} />
      </h2>
      <Facts catalog={catalog} totals={totals} />
      <Health source={source} path={path} bytes={totals.bytes} isCheckpoint={isCheckpoint(catalog)} />
      <Timeline source={source} path={path} />
    </div>
  );
}
