import picocolors from "picocolors";

const isTerminal = process.stdout.isTTY ?? false;

// Use colors only on a terminal, and only if NO_COLOR is not set.
const { bold, cyan, dim, green, red } = picocolors.createColors(isTerminal && !process.env.NO_COLOR);

export { dim };

/** Prints the headline of the next section. */
export function section(title: string, about: string): void {
  print("", `${bold(cyan(title))}  ${dim(about)}`, "");
}

export function print(...lines: readonly string[]): void {
  for (const line of lines) console.log(line);
}

export function success(text: string): void {
  print(`  ${green(isTerminal ? `✔ ${text}` : text)}`);
}

export function failure(text: string): void {
  print(`  ${red(isTerminal ? `✘ ${text}` : text)}`);
}

type Row = readonly string[];

interface TableOptions {
  /** Columns that are aligned to the right. */
  readonly right?: readonly number[];
  /** The first row names the columns. */
  readonly head?: boolean;
  /** The last row is a summary. */
  readonly foot?: boolean;
  /** True for rows that are shown dimmed. */
  readonly dimmed?: (row: Row) => boolean;
}

/** Prints rows with aligned columns. */
export function table(rows: readonly Row[], { right = [], head, foot, dimmed }: TableOptions = {}): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const [index, row] of rows.entries()) {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return right.includes(column) ? cell.padStart(width) : cell.padEnd(width);
    });
    const line = `  ${cells.join("  ")}`.trimEnd();
    if (head && index === 0) print(bold(line));
    else if (dimmed?.(row) || (foot && index === rows.length - 1)) print(dim(line));
    else print(line);
  }
}

/** Draws a bar whose length is a share of `width`, in eighths of a character. */
export function bar(share: number, width: number): string {
  const eighths = Math.max(1, Math.round(Math.min(1, share) * width * 8));
  const rest = " ▏▎▍▌▋▊▉"[eighths % 8] ?? "";
  return ("█".repeat(Math.floor(eighths / 8)) + rest.trim()).padEnd(width);
}

const PATIENCE_MS = 500;
const INTERVAL_MS = 100;
const CLEAR_LINE = "\r\u001b[K";

/** Shows a progress bar on the last line of a terminal, once the work takes more than half a second. */
export class Progress {
  #next = performance.now() + PATIENCE_MS;
  #shown = false;
  readonly #label: string;
  readonly #total: number;

  constructor(label: string, total: number) {
    this.#label = label;
    this.#total = total;
  }

  update(done: number): void {
    const now = performance.now();
    if (!isTerminal || now < this.#next) return;
    this.#next = now + INTERVAL_MS;
    const share = done / this.#total;
    process.stdout.write(`${CLEAR_LINE}  ${this.#label} ${bar(share, 28)} ${Math.floor(100 * share)}%`);
    this.#shown = true;
  }

  /** Removes the bar, so that other lines can be printed. */
  clear(): void {
    if (this.#shown) process.stdout.write(CLEAR_LINE);
    this.#shown = false;
  }
}
