import { Deadlines } from "../base/deadlines.ts";
import type { Planted } from "../base/planted.ts";
import type { Probe } from "../base/probe.ts";
import { after, type Duration, elapsed, type Instant, seconds } from "../base/time.ts";
import { newLeaderGrace, settingsOf } from "../model/cluster.ts";
import type { StoreView } from "../store/view.ts";
import { Punctualities } from "./punctuality.ts";

/** A quorum that has not answered by then is asked again. */
const confirmAgainAfter = seconds(1);
/**
 * A leader that has done nothing for this much longer than Raft lets it was paused or starved, and
 * could not hear anyone; or its clock has leapt, as that of a virtual machine does that is moved.
 */
const standstill = seconds(1);

export interface LivenessConfig {
  /** `check` is called as often as this at least. */
  readonly tickInterval: Duration;
  readonly planted: Planted;
  readonly probe?: Probe | null;
}

/**
 * For how long each node may still be silent before it is given up.
 *
 * A leader that hears nobody must not call everybody down: before it gives a node up it asks its
 * quorum for an answer, as for a read (Raft thesis 6.4). Nor does time count in which it stood
 * still itself.
 */
export class Liveness {
  readonly #view: StoreView;
  readonly #config: LivenessConfig;
  /** When each node that is not down will be called so, unless it is heard of. */
  readonly #deadlines = new Deadlines();
  /** Of each node that has beaten under this leader. */
  readonly #punctuality = new Punctualities();
  #mustConfirm = false;
  /** When `check` was last called: at least once a tick of Raft. */
  #checkedAt: Instant;

  constructor(view: StoreView, config: LivenessConfig, now: Instant) {
    this.#view = view;
    this.#config = config;
    this.#checkedAt = now;
  }

  /** When `check` must be called next. */
  get deadline(): Instant {
    return this.#deadlines.next;
  }

  /** The node must be heard by then. */
  expect(node: string, by: Instant): void {
    this.#deadlines.set(node, by);
  }

  /** The node has just been let into the cluster: it is given time to register. */
  joined(node: string, now: Instant): void {
    this.#deadlines.set(node, after(now, newLeaderGrace(settingsOf(this.#view.cluster))));
  }

  /** The node is asked to beat in `period` for the first time, and was not heard to have been. */
  registered(node: string, period: Duration, now: Instant): void {
    this.#punctuality.of(node).restart();
    if (this.#deadlines.has(node) || this.#view.nodes.get(node)?.status.state === "down") return;
    this.#deadlines.set(node, after(now, this.#grace(node, period)));
  }

  /** A heartbeat has come; the next one is asked for in `period`. */
  beat(node: string, period: Duration, now: Instant): void {
    this.#punctuality.of(node).beat(now, period);
  }

  /** The node was heard, which goes by `period` or a shorter one. */
  heard(node: string, period: Duration, now: Instant): void {
    this.#deadlines.set(node, after(now, this.#grace(node, period)));
  }

  /** The node is down. */
  givenUp(node: string): void {
    this.#deadlines.delete(node);
  }

  /** The node has left the cluster. */
  forget(node: string): void {
    this.#deadlines.delete(node);
    this.#punctuality.forget(node);
  }

  /** Looks who is overdue. */
  check(now: Instant): void {
    const idle = elapsed(this.#checkedAt, now);
    this.#checkedAt = now;
    if (idle > this.#config.tickInterval + standstill) this.#postpone(idle);
    if (this.#deadlines.look(now, after(now, confirmAgainAfter))) this.#mustConfirm = true;
  }

  /** True once after a node became overdue: the leader is to make sure that it can hear others. */
  takeDoubt(): boolean {
    const doubt = this.#mustConfirm;
    this.#mustConfirm = false;
    return doubt;
  }

  /** The nodes that were overdue at that moment, and were not heard since. */
  overdue(at: Instant): readonly string[] {
    return this.#deadlines.over(at);
  }

  #postpone(span: Duration): void {
    this.#config.probe?.reachable("leader-stood-still");
    this.#deadlines.postpone(span);
  }

  /**
   * For how long a node may be silent: a number of heartbeats, and more where its heartbeats come
   * late. Ours: SwarmKit's three heartbeats are fixed, and load that delays them restarts every
   * container (moby/moby#48145, #43508).
   */
  #grace(node: string, period: Duration): Duration {
    if (this.#config.planted === "O05") return period;
    const { heartbeatGrace } = settingsOf(this.#view.cluster);
    const grace = (period * heartbeatGrace) as Duration;
    return (grace + this.#punctuality.of(node).allowance(grace)) as Duration;
  }
}
