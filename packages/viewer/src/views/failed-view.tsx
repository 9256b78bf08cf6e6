import { useApp } from "../app/context.js";
import type { Source } from "../app/source.js";
import { useResource } from "../app/use-resource.js";
import { isCheckpoint } from "../model/is-checkpoint.js";
import { Problem } from "../ui/problem.js";

interface FailedViewProps {
  readonly source: Source;
  readonly path: string;
  readonly error: Error;
}

/** Says why a checkpoint can't be opened, and what is wrong with its files. */
export function FailedView({ source, path, error }: FailedViewProps) {
  const { engine } = useApp();
  const found = source.found.checkpoints.find((one) => one.path === path);
  // Only the files of checkpoints can be diagnosed.
  const key = found === undefined || isCheckpoint(found) ? `${source.id} ${path}` : undefined;
  const diagnosis = useResource(key, (options) => engine.diagnose({ source: source.id, path }, options));
  const messages = new Set([error.message, ...(diagnosis.value ?? []).map(({ message }) => message)]);
  return (
    <section class="page">
      <Problem title={`${path} can't be opened`} messages={[...messages]} />
    </section>
  );
}
