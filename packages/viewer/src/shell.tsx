import { useApp } from "./app/context.js";
import { VIEW_NAMES } from "./model/address.js";
import { DropZone } from "./sources/drop-zone.js";
import { OpenMore } from "./sources/open-more.js";
import { Start } from "./sources/start.js";
import { Background } from "./ui/background.js";
import { CheckpointPicker } from "./ui/checkpoint-picker.js";
import { CostBadge } from "./ui/cost-badge.js";
import { AskDialog } from "./ui/dialog/ask-dialog.js";
import { Notice } from "./ui/notice.js";
import { Tabs } from "./ui/tabs.js";
import { ThemeSwitch } from "./ui/theme-switch.js";
import { Working } from "./ui/working.js";
import { FailedView } from "./views/failed-view.js";
import { LazyView } from "./views/lazy-view.js";
import { VIEWS } from "./views/registry.js";

const TABS = VIEW_NAMES.map((value) => ({ value, text: VIEWS[value].title }));

/** The frame of the viewer: what is open, the tabs, and the view below. */
export function Shell() {
  const app = useApp();
  const shown = app.shown.value;
  return (
    <DropZone>
      <header class="bar">
        <h1>Checkpoint viewer</h1>
        {shown.status !== "none" && (
          <>
            <CheckpointPicker source={shown.source} path={shown.path} />
            <Tabs label="Views" tabs={TABS} selected={app.address.value.view} onSelect={(view) => app.go({ view })} />
            <OpenMore />
          </>
        )}
      </header>
      <Notice />
      <div class="main">
        <Main />
      </div>
      <footer class="status">
        <CostBadge />
        <Background />
        <ThemeSwitch />
      </footer>
      <AskDialog />
    </DropZone>
  );
}

function Main() {
  const app = useApp();
  const shown = app.shown.value;
  const searching = app.searching.value;
  const { view } = app.address.value;
  if (shown.status === "none") return searching === undefined ? <Start /> : <Working what={`Searching ${searching}`} />;
  const { path, source } = shown;
  if (shown.status === "opening") return <Working what={`Opening ${path}`} />;
  if (shown.status === "failed") return <FailedView source={source} path={path} error={shown.error} />;
  return <LazyView key={view} load={VIEWS[view].load} catalog={shown.catalog} source={source} path={path} />;
}
