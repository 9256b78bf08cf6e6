import { useApp } from "./app/context.js";
import { VIEW_NAMES } from "./model/address.js";
import { DropZone } from "./sources/drop-zone.js";
import { AskDialog } from "./ui/ask-dialog.js";
import { CostBadge } from "./ui/cost-badge.js";
import { NameText } from "./ui/name-text.js";
import { Problem } from "./ui/problem.js";
import { Tabs } from "./ui/tabs.js";
import { Working } from "./ui/working.js";
import { LazyView } from "./views/lazy-view.js";
import { VIEWS } from "./views/registry.js";

/** The frame of the viewer: what is open, the tabs, and the view below. */
export function Shell() {
  const app = useApp();
  const { view } = app.address.value;
  const shown = app.shown.value;
  return (
    <DropZone>
      <header class="bar">
        <h1>Checkpoint viewer</h1>
        {shown.status !== "none" && <NameText text={shown.path} inRow />}
        <Tabs
          label="Views"
          tabs={VIEW_NAMES.map((value) => ({ value, text: VIEWS[value].title }))}
          selected={view}
          onSelect={(next) => app.go({ view: next })}
        />
        <CostBadge />
      </header>
      <main>
        {shown.status === "none" && <p class="page">Drop a checkpoint here: its folder, or any of its files.</p>}
        {shown.status === "opening" && <Working what={`Opening ${shown.path}`} />}
        {shown.status === "failed" && <Problem title={`${shown.path} can't be opened`} message={shown.error.message} />}
        {shown.status === "open" && (
          <LazyView key={view} load={VIEWS[view].load} catalog={shown.catalog} source={shown.source} />
        )}
      </main>
      <AskDialog />
    </DropZone>
  );
}
