import { formatCount } from "@tfsaver/checkpoint-tools/printing";
import { useEffect, useRef, useState } from "preact/hooks";
import { useApp } from "../../app/context.js";
import { useResource } from "../../app/use-resource.js";
import type { VocabularyTable } from "../../model/tensor/vocabulary.js";
import { VirtualRows } from "../../ui/virtual-rows.js";
import type { TableRows } from "../../worker/handlers/vocabulary.js";
import type { ShownTensor } from "./shown-tensor.js";

/** Rows that are read together. */
const PAGE = 200;
const ROW_HEIGHT = 26;

interface VocabularyViewProps {
  readonly shown: ShownTensor;
  readonly table: VocabularyTable;
  /** Number of keys. */
  readonly count: number;
}

/** Shows a hash table: keys and values side by side, and a search in both. */
export function VocabularyView({ shown, table, count }: VocabularyViewProps) {
  const { id } = shown;
  const app = useApp();
  const query = app.address.value.params.find ?? "";
  const found = useResource(query === "" ? undefined : `${id} ${table.keys} ${query}`, (options) =>
    app.engine.searchTable({ id, ...table, text: query }, options),
  );
  const matches = query === "" ? undefined : found.value;
  const rows = query === "" ? count : (matches?.length ?? 0);
  const pages = usePages(id, table, count, matches);
  const [active, setActive] = useState(0);
  useEffect(() => setActive(0), [query]);
  const error = found.error ?? pages.error;
  useEffect(() => shown.onRead(error ?? (pages.hasRead || undefined)), [error, pages.hasRead]);
  return (
    <div class="vocabulary">
      <div class="toolbar">
        <label>
          Search
          <input
            type="search"
            value={query}
            onInput={(event) => app.setParams({ find: event.currentTarget.value || undefined }, { replace: true })}
          />
        </label>
        <span class="number quiet" role="status">
          {found.running
            ? "Searching …"
            : formatCount(rows, query === "" ? "row" : "match", query === "" ? "rows" : "matches")}
        </span>
      </div>
      <div class="vocabulary-row vocabulary-head quiet" aria-hidden>
        <span>Key</span>
        <span>Value</span>
      </div>
      <VirtualRows
        attributes={{ role: "grid", "aria-label": "Vocabulary", "aria-rowcount": rows, class: "vocabulary-rows" }}
        count={rows}
        rowHeight={ROW_HEIGHT}
        active={Math.min(active, rows - 1)}
        onActive={setActive}
        onKey={() => false}
        onPress={setActive}
        row={(index, attributes) => {
          const row = pages.rowAt(index);
          return (
            <div {...attributes} key={index} class="vocabulary-row" role="row" aria-rowindex={index + 1}>
              <span role="gridcell" class="name">
                {row?.key ?? "…"}
              </span>
              <span role="gridcell" class="name number">
                {row?.value ?? ""}
              </span>
            </div>
          );
        }}
      />
    </div>
  );
}

interface Pages {
  readonly error: Error | undefined;
  /** True once rows were read. */
  readonly hasRead: boolean;
  /** Returns a row; undefined until it was read. Asks for it otherwise. */
  readonly rowAt: (index: number) => { readonly key: string; readonly value: string } | undefined;
}

/** Reads the rows that are seen, page by page. */
function usePages(id: number, table: VocabularyTable, count: number, matches: Uint32Array | undefined): Pages {
  const { engine } = useApp();
  const [error, setError] = useState<Error | undefined>(undefined);
  const [version, setVersion] = useState(0);
  const pages = useRef(new Map<number, TableRows | "reading">());
  const of = useRef<Uint32Array | undefined>(undefined);
  if (of.current !== matches) {
    of.current = matches;
    pages.current = new Map();
  }
  const wanted = new Set<number>();
  useEffect(() => {
    const current = pages.current;
    for (const page of wanted) {
      if (current.has(page)) continue;
      current.set(page, "reading");
      const end = Math.min((page + 1) * PAGE, matches?.length ?? count);
      const places = Array.from({ length: end - page * PAGE }, (_, i) => page * PAGE + i);
      const rows = matches === undefined ? places : places.map((place) => matches[place] as number);
      engine.tableRows({ id, ...table, rows }).then((read) => {
        current.set(page, read);
        setVersion((before) => before + 1);
      }, setError);
    }
  });
  return {
    error,
    hasRead: version > 0,
    rowAt: (index) => {
      const page = Math.floor(index / PAGE);
      const rows = pages.current.get(page);
      if (rows === undefined) wanted.add(page);
      if (rows === undefined || rows === "reading") return undefined;
      return { key: rows.keys[index % PAGE] as string, value: rows.values[index % PAGE] as string };
    },
  };
}
