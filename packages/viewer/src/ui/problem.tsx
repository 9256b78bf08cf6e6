import { NameText } from "./name-text.js";

/** Says that something failed, in the words of its error. */
export function Problem({ title, message }: { readonly title: string; readonly message: string }) {
  return (
    <div class="problem" role="alert">
      <strong>{title}</strong>
      <p>
        <NameText text={message} />
      </p>
    </div>
  );
}
