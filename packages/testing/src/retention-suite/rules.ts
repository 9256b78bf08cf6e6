import { ensure } from "../assertions.js";
import { type History, textOf } from "./history.js";

/** A rule that every history must follow. Throws if it is broken. */
export type Rule = (history: History) => void;

export const listsOneThing: Rule = ({ events }) => {
  let before = "[]";
  for (const event of events) {
    const listed = textOf(event.listed);
    if (event.kind === "record") {
      ensure(textOf(event.gave) === listed, `record returned ${textOf(event.gave)}, but lastCheckpoints is ${listed}`);
    }
    if (event.kind === "decide") ensure(listed === before, `decide changed the list ${before} to ${listed}`);
    before = listed;
  }
};

export const newestLast: Rule = ({ events }) => {
  let count = 0;
  const told = new Map<string, number>();
  for (const event of events) {
    if (event.kind === "record") told.set(event.told.path, count++);
    if (event.kind === "set") for (const { path } of event.told) told.set(path, count++);
    const order = event.listed.map(({ path }) => told.get(path) ?? count);
    const isSorted = order.every((place, i) => i === 0 || place > (order[i - 1] as number));
    ensure(isSorted, `not in the order of saving, or not unique: ${textOf(event.listed)}`);
  }
};

export const inventsNothing: Rule = ({ events }) => {
  const told = new Map<string, string>();
  for (const event of events) {
    for (const checkpoint of event.kind === "decide" ? [] : [event.told].flat()) {
      told.set(checkpoint.path, textOf([checkpoint]));
    }
    const said = [...event.listed, ...(event.kind === "decide" ? event.gave.map(({ checkpoint }) => checkpoint) : [])];
    for (const checkpoint of said) {
      const [is, was] = [textOf([checkpoint]), told.get(checkpoint.path)];
      ensure(is === was, was === undefined ? `${is} was never recorded or set` : `${was} became ${is}`);
    }
  }
};

export const setReplaces: Rule = ({ events }) => {
  let known: Set<string> | undefined;
  for (const event of events) {
    if (event.kind === "set") {
      const [told, listed] = [textOf(event.told), textOf(event.listed)];
      ensure(listed === told, `${told} was set, but lastCheckpoints is ${listed}`);
      known = new Set(event.told.map(({ path }) => path));
    }
    if (event.kind === "record") known?.add(event.told.path);
    for (const { path } of event.listed) ensure(known?.has(path) ?? true, `${path} came back after the list was set`);
  }
};

/**
 * A policy may ignore all saves, as TensorFlow's does if told to keep all, but not some of them. A list that is set
 * replaces the previous one without decisions.
 */
export const losesNothing: Rule = (history) => {
  history.drain();
  const { events } = history;
  const recorded = new Set(events.flatMap((event) => (event.kind === "record" ? event.told.path : [])));
  const said = events.flatMap((event) =>
    event.kind === "decide" ? event.gave.map(({ checkpoint }) => checkpoint) : event.listed,
  );
  const takesNote = said.some(({ path }) => recorded.has(path));
  const due = new Set<string>();
  let before: readonly string[] = [];
  for (const event of events) {
    const listed = event.listed.map(({ path }) => path);
    if (event.kind !== "set") for (const path of before) due.add(path);
    if (event.kind === "record" && takesNote) due.add(event.told.path);
    if (event.kind === "decide") for (const { checkpoint } of event.gave) due.delete(checkpoint.path);
    for (const path of listed) due.delete(path);
    before = listed;
  }
  ensure(due.size === 0, `neither listed nor decided on: ${[...due].join(", ")}`);
};

export const decidesOnce: Rule = ({ events }) => {
  const decided = new Set<string>();
  for (const event of events) {
    if (event.kind === "decide") {
      for (const { path } of event.gave.map(({ checkpoint }) => checkpoint)) {
        ensure(!decided.has(path), `${path} was decided on twice`);
        decided.add(path);
      }
    } else {
      for (const { path } of [event.told].flat()) decided.delete(path);
    }
  }
};

/** The list in the state file is the one that `record` returned. */
export const sparesTheListed: Rule = ({ events }) => {
  let listed: readonly string[] = [];
  for (const event of events) {
    if (event.kind === "record") listed = event.gave.map(({ path }) => path);
    if (event.kind === "set") listed = event.told.map(({ path }) => path);
    if (event.kind !== "decide") continue;
    for (const { checkpoint } of event.gave) {
      ensure(!listed.includes(checkpoint.path), `${checkpoint.path} was decided on while the state file lists it`);
    }
  }
};

export const sparesTheNewest: Rule = ({ events }) => {
  let newest: string | undefined;
  for (const event of events) {
    if (event.kind === "record") newest = event.told.path;
    if (event.kind !== "decide") continue;
    const deleted = event.gave.filter(({ action }) => action === "delete").map(({ checkpoint }) => checkpoint.path);
    ensure(!deleted.some((path) => path === newest), `${newest} was deleted at its own save`);
  }
};

export const changesNothingLent: Rule = (history) => {
  ensure(history.isUnchanged, "a record or list that was passed to the policy, or returned by it, has changed");
};

export const saysWhy: Rule = ({ events }) => {
  for (const { checkpoint, action, reason } of events.flatMap((event) => (event.kind === "decide" ? event.gave : []))) {
    ensure(action === "delete" || action === "keep", `the action for ${checkpoint.path} is ${action}`);
    ensure(typeof reason === "string" && reason.trim() !== "", `no reason to ${action} ${checkpoint.path}`);
  }
};
