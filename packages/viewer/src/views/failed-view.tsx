import { useApp } from "../app/context.js";
import type { Source } from "../app/source.js";
import { useResource } from "../app/use-resource.js";
import { Problem } from "../ui/problem.js";

interface FailedViewProps {
  readonly source: Source;
  readonly path: string;
  readonly error: Error;
}

/** Says why a checkpoint can't be opened, and what is wrong with its files. */
export function FailedView({ source, path, error }: FailedViewProps) {
  const { engine } = useApp();
  const format = source.found.checkpoints.find((one) => one.path === path)?.format ?? "V2";
  // Only the files of checkpoints can be diagnosed.
  const key = /^V[12]$/.test(format) ? `${source.id} ${path}` : undefined;
  const found = useResource(key, (options) => engine.diagnose({ source: source.id, path }, options));
  const messages = new Set([error.message, ...(found.value ?? []).map(({ message }) => message)]);
  return (
    <section class="page">
      <Problem title={`${path} can't be opened`} messages={[...messages]} />
    </section>
  );
}
