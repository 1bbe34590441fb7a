import { compareText, sortedById } from "../base/order.ts";
import type { Planted } from "../base/planted.ts";
import { after, type Duration, elapsed, type Instant, ms, never } from "../base/time.ts";
import { isRemoved } from "../model/cluster.ts";
import { hasProven, type Node } from "../model/node.ts";
import { nodeOfMember } from "../model/standing.ts";
import type { RaftInput } from "../raft/contract.ts";
import { membersOf } from "../raft/membership.ts";
import type { ConfigStep, MemberId } from "../raft/message.ts";
import type { FollowerProgress } from "../raft/progress.ts";
import { canRemove, type RaftView } from "../raft/reach.ts";
import type { StoreEvent } from "../store/event.ts";
import type { StoreView } from "../store/view.ts";

/** How soon to look again at what is not done, at the latest; SwarmKit's role manager waits 5 s. */
const retryAfter = ms(500);

export interface RoleManagerConfig {
  readonly raft: RaftView;
  /** After this long a leader's transfer has failed. */
  readonly electionTimeout: Duration;
  readonly planted: Planted;
}

/** A learner must come to hold, before the round is over, what the leader had when it began. */
interface Round {
  readonly target: number;
  readonly begun: Instant;
}

/**
 * Brings Raft's membership to what the store says (SwarmKit `manager/role_manager.go`).
 *
 * Model: `planRoles` moves a node's role towards `spec.desiredRole`; this machine then asks Raft
 * for one change after another, each once the one before is applied:
 *   1. Whom the store does not list as a manager, or lists under another name, is removed.
 *   2. Who is to be a worker is removed, and only then has its role changed. A leader hands over
 *      first, and its successor removes it. Nobody is removed without whom those that are heard
 *      would be no quorum.
 *   3. A leader whose calendar most others do not share hands over, and stays a manager.
 *   4. A new manager is a learner first, and a voter once it has caught up: in SwarmKit it votes at
 *      once, and while it has nothing, the others can lose one less.
 * What it remembers is only for speed: a new leader begins every round anew.
 */
export class RoleManager {
  /** True when `planRoles` may have something to say. */
  mustPlan = true;
  readonly #view: StoreView;
  readonly #config: RoleManagerConfig;
  readonly #rounds = new Map<MemberId, Round>();
  #transfer: { readonly to: MemberId; readonly until: Instant } | null = null;
  /** Voters who did not take over. */
  readonly #tried = new Set<MemberId>();
  /** A learner's round is looked at before it is over, however short elections are. */
  readonly #retryAfter: Duration;
  #lookAt: Instant;
  #isUnfit = false;

  constructor(view: StoreView, config: RoleManagerConfig, now: Instant) {
    this.#view = view;
    this.#config = config;
    const half = Math.floor(config.electionTimeout / 2);
    this.#retryAfter = Math.min(retryAfter, half) as Duration;
    this.#lookAt = now;
  }

  /** When `ask` must be called next. */
  get deadline(): Instant {
    return this.#lookAt;
  }

  /** Learns what the store has changed. */
  applied(events: readonly StoreEvent[], now: Instant): void {
    for (const { kind, previous, current } of events) {
      if (kind === "node" && concernsRoles(previous, current)) this.changed(now);
    }
  }

  /** Something has changed: a role in the store, or Raft's membership. */
  changed(now: Instant): void {
    this.mustPlan = true;
    this.#lookAt = now;
  }

  /** Whether this leader is to hand over, though it stays a manager. True: that is news. */
  judge(isUnfit: boolean, now: Instant): boolean {
    if (isUnfit === this.#isUnfit) return false;
    this.#isUnfit = isUnfit;
    this.#lookAt = now;
    return true;
  }

  /** What to ask of Raft now; null when nothing can or must be. */
  ask(now: Instant): RaftInput | null {
    if (now < this.#lookAt) return null;
    const { raft } = this.#config;
    this.#lookAt = after(now, this.#retryAfter);
    if (raft.changePending) return null;
    const wanted = this.#wanted();
    const left = membersOf(raft.membership).filter((member) => this.#mustLeave(member, wanted));
    const change = this.#remove(left) ?? this.#giveWay(left, now) ?? this.#add(wanted, now);
    const { voters } = raft.membership;
    const isDone =
      !this.#isUnfit && left.length === 0 && wanted.every((member) => voters.includes(member));
    if (change === null && isDone) this.#lookAt = never;
    return change;
  }

  /** Raft's names of those who are to be managers, by node. */
  #wanted(): MemberId[] {
    const managers: Node[] = [];
    for (const node of this.#view.nodes.values()) {
      if (node.raftId !== null && node.spec.desiredRole === "manager") managers.push(node);
    }
    return sortedById(managers).map(({ raftId }) => raftId as MemberId);
  }

  /** A founder whose node has not registered yet stays. */
  #mustLeave(member: MemberId, wanted: readonly MemberId[]): boolean {
    if (wanted.includes(member)) return false;
    const node = nodeOfMember(member);
    return this.#view.nodes.has(node) || isRemoved(this.#view.cluster, node);
  }

  #remove(members: readonly MemberId[]): RaftInput | null {
    const { raft, planted } = this.#config;
    const mayLeave = members.filter((member) => member !== raft.id || planted === "M03");
    const member = mayLeave.find((each) => planted === "M02" || canRemove(raft, each));
    return member === undefined ? null : propose({ kind: "remove", member });
  }

  /**
   * A leader that is to leave, or is unfit, lets another lead. Who else is to leave has gone by
   * then: those who can do without the leader can do without that one.
   */
  #giveWay(leaving: readonly MemberId[], now: Instant): RaftInput | null {
    const { raft, planted } = this.#config;
    const mustLeave = leaving.includes(raft.id) && canRemove(raft, raft.id);
    const isUnfit = this.#isUnfit && planted !== "K18";
    return mustLeave || isUnfit ? this.#handOver(now) : null;
  }

  /** Makes another leader, the one that lacks least. */
  #handOver(now: Instant): RaftInput | null {
    const { raft, electionTimeout } = this.#config;
    if (this.#transfer !== null && now < this.#transfer.until) return null;
    if (this.#transfer !== null) this.#tried.add(this.#transfer.to);
    const to = successor(raft, this.#tried);
    this.#transfer = to === null ? null : { to, until: after(now, electionTimeout) };
    if (to === null) this.#tried.clear();
    return to === null ? null : { kind: "transfer", to };
  }

  #add(wanted: readonly MemberId[], now: Instant): RaftInput | null {
    const { raft, planted } = this.#config;
    const { voters, learners } = raft.membership;
    for (const member of this.#rounds.keys()) {
      if (!learners.includes(member)) this.#rounds.delete(member);
    }
    for (const member of wanted) {
      if (voters.includes(member)) continue;
      if (planted === "M01") return propose({ kind: "add-voter", member });
      if (!learners.includes(member)) return propose({ kind: "add-learner", member });
      const progress = raft.progress().find((each) => each.member === member);
      if (progress === undefined || !this.#hasCaughtUp(progress, now)) continue;
      return propose({ kind: "add-voter", member });
    }
    return null;
  }

  /** Rounds as in the Raft thesis, 4.2.1: one that took no longer than an election will do. */
  #hasCaughtUp({ member, state, match, reachable }: FollowerProgress, now: Instant): boolean {
    const { raft, electionTimeout } = this.#config;
    const round = this.#rounds.get(member);
    if (round !== undefined && match < round.target) return false;
    if (round !== undefined && elapsed(round.begun, now) <= electionTimeout) {
      return state === "replicate" && reachable;
    }
    this.#rounds.set(member, { target: raft.lastIndex, begun: now });
    return false;
  }
}

function propose(step: ConfigStep): RaftInput {
  return { kind: "propose-config", change: { transition: "auto", steps: [step] } };
}

function successor(raft: RaftView, tried: ReadonlySet<MemberId>): MemberId | null {
  const { voters } = raft.membership;
  const able = raft
    .progress()
    .filter(({ member, reachable }) => reachable && voters.includes(member) && !tried.has(member));
  able.sort((left, right) => right.match - left.match || compareText(left.member, right.member));
  return able[0]?.member ?? null;
}

function concernsRoles(previous: Node | null, current: Node | null): boolean {
  if (previous === null || current === null) {
    const { spec, role } = (current ?? previous) as Node;
    return role === "manager" || spec.desiredRole === "manager";
  }
  return (
    previous.role !== current.role ||
    previous.raftId !== current.raftId ||
    hasProven(previous) !== hasProven(current) ||
    previous.spec.desiredRole !== current.spec.desiredRole
  );
}
