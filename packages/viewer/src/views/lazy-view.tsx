import { useEffect, useRef, useState } from "preact/hooks";
import { adoptStyles } from "../styles/adopt.js";
import { Problem } from "../ui/problem.js";
import { Working } from "../ui/working.js";
import type { ViewModule, ViewProps } from "./view.js";

interface LazyViewProps extends ViewProps {
  readonly load: () => Promise<ViewModule>;
}

/** Shows a view as soon as its module is loaded. Give it a `key`, so that another view is another component. */
export function LazyView({ load, ...props }: LazyViewProps) {
  const element = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<ViewModule | Error | undefined>(undefined);
  useEffect(() => {
    load().then(
      (module) => {
        const root = element.current?.getRootNode();
        if (module.styles !== undefined && root instanceof ShadowRoot) adoptStyles(root, module.styles);
        setView(module);
      },
      (error) => setView(error as Error),
    );
  }, [load]);
  return (
    <div class="view" ref={element}>
      {view === undefined && <Working what="Loading" />}
      {view instanceof Error && <Problem title="This view can't be loaded" messages={[view.message]} />}
      {view !== undefined && !(view instanceof Error) && <view.View {...props} />}
    </div>
  );
}
