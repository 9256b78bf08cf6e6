import type { Row } from "./ls-rows.js";

/** A tensor with the slots that optimizers keep for it. */
export interface RowWithSlots extends Row {
  readonly slots: readonly Row[];
}

/** Groups tensors with their slots. A slot whose variable is not listed stays on its own. */
export async function withSlots(rows: readonly Row[]): Promise<RowWithSlots[]> {
  const { slotOwner } = await import("@tfsaver/checkpoint-tools");
  const names = new Set(rows.map(({ name }) => name));
  const slots = new Map<string, Row[]>();
  const owners: Row[] = [];
  for (const row of rows) {
    const owner = slotOwner(row.name, names);
    if (owner === undefined) {
      owners.push(row);
      continue;
    }
    const found = slots.get(owner) ?? [];
    found.push(row);
    slots.set(owner, found);
  }
  return owners.map((row) => ({ ...row, slots: slots.get(row.name) ?? [] }));
}
