import { useApp } from "../app/context.js";
import { NameText } from "./name-text.js";

/** Says what went wrong when something was opened, until it is dismissed. */
export function Notice() {
  const app = useApp();
  const notice = app.notice.value;
  if (notice === undefined) return null;
  return (
    <div class="problem notice" role="alert">
      <strong>
        <NameText text={notice.title} />
      </strong>
      <p>
        <NameText text={notice.message} />
      </p>
      <button type="button" onClick={() => app.dismissNotice()}>
        Dismiss
      </button>
    </div>
  );
}
