import { UnimplementedError } from "@tfsaver/core";
import type { HostSaveable, Trackable } from "@tfsaver/saver-builders";
import { VariableSaveable } from "../values/variable-saveable.js";
import { BetaPowers } from "./beta-powers.js";
import type { SlotKind } from "./optimizer-kinds.js";
import type { OptimizerState } from "./optimizer-state.js";
import { SlotSaveables } from "./slot-saveables.js";

/** An optimizer with the slot variables that TensorFlow 1's optimizer of the same kind has. */
export class Tf1Optimizer implements Trackable {
  readonly #slots: SlotSaveables;
  readonly #powers: BetaPowers;

  /** @throws `UnimplementedError` for Adamax, which TensorFlow 1 does not have. */
  constructor(private readonly state: OptimizerState) {
    this.#slots = new SlotSaveables(state, { isScaled: false });
    this.#powers = new BetaPowers(state);
    if (state.kind.slots.some(({ tf1 }) => tf1 === undefined)) {
      throw new UnimplementedError(
        `TensorFlow 1 has no ${state.optimizer.getClassName()} optimizer. Use the layout "keras" with a Checkpoint.`,
      );
    }
  }

  gatherSaveablesForCheckpoint(): Readonly<Record<string, never>> {
    return {};
  }

  trackableChildren(): ReadonlyMap<string, HostSaveable> {
    const { powers = {} } = this.state.kind;
    return new Map(Object.values(powers).map((beta) => [`${beta}_power`, this.#powers[beta]]));
  }

  slotNames(): readonly string[] {
    return this.state.kind.slots.map(({ tf1 }) => tf1 as string);
  }

  getSlot(variable: object, slotName: string): VariableSaveable | undefined {
    if (!(variable instanceof VariableSaveable)) return undefined;
    const index = this.state.variables.findIndex((trained) => trained.variable === variable.variable);
    const kind = this.state.kind.slots.find(({ tf1 }) => tf1 === slotName);
    return kind === undefined || index < 0 ? undefined : this.#slots.of(kind)[index];
  }

  /** Returns the slots and powers by the names that a saver of TensorFlow 1 gives them: `w/Adam`, `w/Adam_1`, `beta1_power`. */
  named(): ReadonlyMap<string, HostSaveable> {
    const { slots } = this.state.kind;
    const names = this.state.variables.map(({ name }) => name);
    const ofKind = (kind: SlotKind) =>
      this.#slots.of(kind).map((slot, index) => [`${names[index]}/${kind.tf1Name}`, slot] as const);
    return new Map<string, HostSaveable>([...this.trackableChildren(), ...slots.flatMap(ofKind)]);
  }
}
