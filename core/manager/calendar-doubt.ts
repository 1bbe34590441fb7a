import { after, boot, elapsed, type Instant, seconds, type Timestamp } from "../base/time.ts";
import { type ClusterSpec, settingsOf } from "../model/cluster.ts";
import { nodeOfMember } from "../model/standing.ts";
import { majorityOf } from "../raft/quorum.ts";
import type { RaftView } from "../raft/reach.ts";
import type { StoreView } from "../store/view.ts";

const lookEvery = seconds(1);

/**
 * Whether a leader's calendar is one that the others do not share: by it the certificates of most
 * voters have expired, and they do not ask for new ones. Such a leader listens to no agent; in
 * SwarmKit it would hear no manager either, and could not lead.
 *
 * Model: after a long time off all have really expired. Then those who are back ask this leader,
 * and they get half of the time in which it may call a node down.
 */
export class CalendarDoubt {
  readonly #view: StoreView;
  readonly #raft: Pick<RaftView, "membership">;
  /** Nodes that have asked this leader for other certificates than those that are over. */
  readonly #asked: ReadonlySet<string>;
  #lookAt = boot;
  /** Since when most are out and do not ask; null: they are not. */
  #since: Instant | null = null;

  constructor(
    view: StoreView,
    raft: Pick<RaftView, "membership">,
    { expired }: { readonly expired: ReadonlySet<string> },
  ) {
    this.#asked = expired;
    this.#view = view;
    this.#raft = raft;
  }

  /** True from when the doubt has lasted, until the calendar is set right. */
  isGrave(now: Instant, calendar: Timestamp): boolean {
    if (now >= this.#lookAt) this.#look(now, calendar);
    if (this.#since === null) return false;
    return elapsed(this.#since, now) >= patienceOf(settingsOf(this.#view.cluster));
  }

  #look(now: Instant, calendar: Timestamp): void {
    this.#lookAt = after(now, lookEvery);
    const { voters } = this.#raft.membership;
    const out = voters.map(nodeOfMember).filter((node) => this.#isOut(node, calendar));
    if (voters.length === 0 || out.length < majorityOf(voters.length)) this.#since = null;
    else this.#since ??= now;
  }

  #isOut(node: string, calendar: Timestamp): boolean {
    const proven = this.#view.nodes.get(node)?.certificate?.proven ?? null;
    return proven !== null && proven.notAfter < calendar && !this.#asked.has(node);
  }
}

function patienceOf({ heartbeatPeriod, heartbeatGrace }: ClusterSpec): number {
  return (heartbeatPeriod * heartbeatGrace) / 2;
}
