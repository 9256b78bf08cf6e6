import type { FileProblem } from "@tfsaver/checkpoint-reader";
import { formatBytes, formatCount } from "@tfsaver/checkpoint-tools/printing";
import { useEffect } from "preact/hooks";
import { useApp } from "../../app/context.js";
import type { Source } from "../../app/source.js";
import { NameText } from "../../ui/name-text.js";
import { Problem } from "../../ui/problem.js";
import { Working } from "../../ui/working.js";

interface HealthProps {
  readonly source: Source;
  readonly path: string;
  /** Bytes of all tensors. */
  readonly bytes: number;
  /** False for a file of another format, which has no checksums. */
  readonly isCheckpoint: boolean;
}

/** Says what is wrong with a checkpoint, and verifies all of it on a click. */
export function Health({ source, path, bytes, isCheckpoint }: HealthProps) {
  const { diagnoses } = useApp();
  useEffect(() => {
    if (isCheckpoint) diagnoses.start(source, path);
  }, [diagnoses, source, path, isCheckpoint]);
  if (!isCheckpoint) return null;
  const diagnosis = diagnoses.of(source, path);
  return (
    <section class="health">
      <h3>Files</h3>
      {(diagnosis === undefined || diagnosis.status === "running") && <p class="quiet">Looking at the files …</p>}
      {diagnosis?.status === "failed" && (
        <Problem title="The files can't be looked at" messages={[diagnosis.error.message]} />
      )}
      {diagnosis?.status === "done" && diagnosis.problems.length === 0 && (
        <p>All files are here, and as long as the index needs.</p>
      )}
      {diagnosis?.status === "done" && <Problems title="Something is wrong" problems={diagnosis.problems} />}
      <Verify source={source} path={path} bytes={bytes} />
    </section>
  );
}

function Verify({ source, path, bytes }: Omit<HealthProps, "isCheckpoint">) {
  const { verifications } = useApp();
  const verification = verifications.of(source, path);
  const { report, error, progress } = verification ?? {};
  if (progress !== undefined) {
    return <Working what="Verifying every checksum" progress={progress} onStop={verification?.stop} />;
  }
  return (
    <>
      {error !== undefined && <Problem title="It can't be verified" messages={[error.message]} />}
      {report?.good === true && (
        <p class="good" role="status">
          Every checksum is right: {formatCount(report.tensors, "tensor")}, {formatBytes(report.bytes)}.
        </p>
      )}
      {report !== undefined && <Problems title="Damaged" problems={report.problems} />}
      <button type="button" onClick={() => void verifications.start(source, path, bytes)}>
        {report === undefined ? "Verify every checksum" : "Verify again"}
        <span class="quiet number"> reads {formatBytes(bytes)}</span>
      </button>
    </>
  );
}

/** Problems and tensors that are shown at most. */
const MAX_SHOWN = 50;

function Problems({ title, problems }: { readonly title: string; readonly problems: readonly FileProblem[] }) {
  const app = useApp();
  if (problems.length === 0) return null;
  return (
    <div class="problem" role="alert">
      <strong>
        {title}: {formatCount(problems.length, "problem")}
      </strong>
      <ul>
        {problems.slice(0, MAX_SHOWN).map(({ message, tensors = [] }) => (
          <li key={message}>
            <NameText text={message} />
            {tensors.slice(0, MAX_SHOWN).map((name) => (
              <button
                key={name}
                type="button"
                class="link"
                onClick={() => app.go({ view: "tensors", tensor: name, params: {} })}
              >
                <NameText text={name} inRow />
              </button>
            ))}
            {tensors.length > MAX_SHOWN && <span> and {tensors.length - MAX_SHOWN} more</span>}
          </li>
        ))}
      </ul>
      {problems.length > MAX_SHOWN && <p>and {problems.length - MAX_SHOWN} more</p>}
    </div>
  );
}
