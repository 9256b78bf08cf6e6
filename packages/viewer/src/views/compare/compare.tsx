import { useApp } from "../../app/context.js";
import { Tabs } from "../../ui/tabs.js";
import type { ViewProps } from "../view.js";
import css from "./compare.css?inline";
import { Trend } from "./trend/trend.js";
import { TwoCheckpoints } from "./two-checkpoints.js";

export const styles = css;

const MODES = [
  { value: "two", text: "Two checkpoints" },
  { value: "trend", text: "One tensor over all steps" },
] as const;

/** Compares two checkpoints, or shows the trend of a tensor over all of a folder. */
export function View(props: ViewProps) {
  const app = useApp();
  const mode = app.address.value.params.mode === "trend" ? "trend" : "two";
  return (
    <div class="compare">
      <Tabs
        label="What to compare"
        tabs={MODES}
        selected={mode}
        onSelect={(next) => app.setParams({ mode: next === "trend" ? next : undefined })}
      />
      {mode === "trend" ? <Trend {...props} /> : <TwoCheckpoints {...props} />}
    </div>
  );
}
