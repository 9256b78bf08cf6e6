import { NameText } from "./name-text.js";

interface ProblemProps {
  readonly title: string;
  readonly messages: readonly string[];
}

/** Says that something failed, in the words of its errors. */
export function Problem({ title, messages }: ProblemProps) {
  return (
    <div class="problem" role="alert">
      <strong>
        <NameText text={title} />
      </strong>
      {messages.map((message) => (
        <p key={message}>
          <NameText text={message} />
        </p>
      ))}
    </div>
  );
}
