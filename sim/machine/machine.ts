import type { Random } from "../../core/base/random.ts";
import type { Duration, Instant, Timestamp } from "../../core/base/time.ts";
import type { Chaos, Span, Step } from "../scenario/dsl.ts";

/**
 * State machines of your own under the simulator: on the same kernel, network, clocks and disks as
 * the cluster, under the same faults, with your invariants.
 *
 *     const leases = machines<Lease>({
 *       name: "leases",
 *       story: "Two clients ask a server for a lease; one at a time has it.",
 *       nodes: ["server", "alice", "bob"],
 *       start: (name) => (name === "server" ? new Server() : new Client(name)),
 *       lasting: "120s",
 *       invariants: [{ name: "one-holder", broken: (nodes) => ... }],
 *       chaos: { from: "10s", until: "100s", loss: [0, 20] },
 *     });
 *
 *     test("leases exclude one another", () => explore(leases, { seeds: 200 }));
 *
 * A machine is told everything, time and chance included, and answers with what it wants done: the
 * same inputs give the same outputs. A crash ends it, and a start makes a new one, which is told
 * what was kept on disk.
 */
export interface Machine<Message extends { readonly kind: string }, Kept> {
  /** Takes one input; the outputs are carried out at once, in their order. */
  step(input: MachineInput<Message, Kept>): readonly MachineOutput<Message, Kept>[];
}

/** When an input came, by the node's own clocks, which may run fast, slow, or be wrong. */
export interface MachineMoment {
  /** Microseconds since the node started; never goes back. */
  readonly now: Instant;
  /** Microseconds since 1970, as far as the node knows. */
  readonly calendar: Timestamp;
}

/** All that ever reaches a machine. */
export type MachineInput<Message, Kept> = MachineMoment &
  (
    | {
        /** The first input of every life; `kept` is null where nothing was safe on its disk. */
        readonly kind: "start";
        readonly kept: Kept | null;
        /** All chance that the machine may use. */
        readonly random: Random;
      }
    | { readonly kind: "message"; readonly from: string; readonly message: Message }
    /** The timer that was set has run out. */
    | { readonly kind: "timer" }
    /** The first `count` values that it wanted kept in this life are safe. */
    | { readonly kind: "kept"; readonly count: number }
  );

/** All that a machine can do to the world. */
export type MachineOutput<Message, Kept> =
  /** May be lost, late, twice, or overtaken by a later one. Must not be changed afterwards. */
  | { readonly kind: "send"; readonly to: string; readonly message: Message }
  /**
   * Replaces what the node's disk holds. It is safe once `kept` has counted it; a crash before that
   * may lose it.
   */
  | { readonly kind: "keep"; readonly value: Kept }
  /** Sets the node's one timer: it runs out no sooner than this. A later one replaces it. */
  | { readonly kind: "wake"; readonly after: Duration };

/** One node as an invariant sees it. */
export interface MachineNode<M> {
  readonly name: string;
  readonly state: "up" | "paused" | "down" | "refused";
  /** Null while the node is off. */
  readonly machine: M | null;
  /** What the node's own clock shows. */
  readonly now: Instant;
}

/** What must be true. */
export interface MachineInvariant<M> {
  readonly name: string;
  /** `end`: looked at once, when the time is over. Default: at the start and after every event. */
  readonly when?: "end";
  /** What is wrong, in words; null: nothing. */
  broken(nodes: readonly MachineNode<M>[]): string | null;
}

/** Machines, where they run, what happens to them, and what must hold. */
export interface MachinePlan<M> {
  readonly name: string;
  readonly story: string;
  readonly nodes: readonly string[];
  /** Makes the machine of a node, at each of its starts. */
  readonly start: (node: string) => M;
  /** How long a run lasts, in simulated time. */
  readonly lasting: Span;
  readonly invariants: readonly MachineInvariant<M>[];
  /** Faults as in a scenario: all that is about nodes, their disks and clocks, and the network. */
  readonly steps?: readonly Step[];
  readonly chaos?: Chaos;
}

const brand = Symbol.for("simswarm.machines");

/** A plan that `machines` has marked. */
export interface Machines<M = unknown> extends MachinePlan<M> {
  readonly [brand]: true;
}

/** Puts machines of your own under the simulator. */
export function machines<M extends Machine<{ readonly kind: string }, unknown>>(
  plan: MachinePlan<M>,
): Machines<M> {
  return { ...plan, [brand]: true };
}

/** True for what `machines` returned. */
export function areMachines(value: object): value is Machines {
  return brand in value;
}
