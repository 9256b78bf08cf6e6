import { slotOwner } from "@tfsaver/checkpoint-tools";
import type { Catalog } from "./catalog.js";

/** Which tensors are slots that optimizers keep for variables, by places. */
export interface Slots {
  readonly byOwner: ReadonlyMap<number, readonly number[]>;
  readonly owners: ReadonlyMap<number, number>;
}

export const NO_SLOTS: Slots = { byOwner: new Map(), owners: new Map() };

/** Finds the slots of all variables. */
export function slotsOf(catalog: Catalog): Slots {
  const owners = new Map<number, number>();
  const names = { has: (name: string) => catalog.placeOf(name) !== undefined };
  catalog.names.forEach((name, place) => {
    const owner = slotOwner(name, names);
    if (owner !== undefined) owners.set(place, catalog.placeOf(owner) as number);
  });
  return grouped(owners);
}

/** Returns the slots that are listed together with their variables. The others stand for themselves. */
export function slotsAmong(catalog: Catalog, slots: Slots, places: readonly number[]): Slots {
  if (slots.owners.size === 0) return NO_SLOTS;
  if (places.length === catalog.length) return slots;
  const listed = new Set(places);
  return grouped(new Map([...slots.owners].filter(([slot, owner]) => listed.has(slot) && listed.has(owner))));
}

function grouped(owners: ReadonlyMap<number, number>): Slots {
  const byOwner = new Map<number, number[]>();
  for (const [slot, owner] of owners) {
    const slots = byOwner.get(owner);
    if (slots === undefined) byOwner.set(owner, [slot]);
    else slots.push(slot);
  }
  return { byOwner, owners };
}
