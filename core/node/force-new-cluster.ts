import { after, type Instant, never, seconds, type Timestamp } from "../base/time.ts";
import { demoted } from "../membership/plan-roles.ts";
import { changedCluster, changedNode } from "../model/changed.ts";
import { nodeOfMember, type Standing } from "../model/standing.ts";
import { changed, simpleMembership } from "../raft/membership.ts";
import type { Membership, Snapshot } from "../raft/message.ts";
import { majorityOf } from "../raft/quorum.ts";
import { Store, type StoreSnapshot } from "../store/store.ts";
import type { NodeConfig } from "./config.ts";
import type { Durable } from "./durable.ts";
import { snapshotPayload, storeEntry, storeSnapshot } from "./payload.ts";

/** How long the other managers are asked, and how often, before they count as lost. */
const patience = seconds(5);
const askEvery = seconds(1);
/** Numbers of one generation of incarnations: two managers that go on alone differ by chance. */
const generation = 0x10_0000;
/** The generations of clusters that are made of backups are numbered by the calendar. */
const generationEvery = seconds(1);

/**
 * A manager that is to go on alone (`force-new-cluster`) asks the other voters first whether they
 * are there. With enough of them there is nothing to force: it would be the fork of a cluster that
 * works. SwarmKit does not ask.
 */
export class ForceNewCluster {
  readonly #halves: readonly (readonly string[])[];
  readonly #others: readonly string[];
  /** And itself. */
  readonly #heard: Set<string>;
  readonly #until: Instant;
  readonly #isRestored: boolean;
  #askAt: Instant;

  /**
   * `halves` are the nodes of the voters, also of those whom a change of the membership that is
   * under way replaces: a quorum takes a majority of both. A manager made of a backup begins a new
   * incarnation even when there never were others: nodes have heard more than it knows.
   */
  constructor(
    halves: readonly (readonly string[])[],
    self: string,
    now: Instant,
    isRestored = false,
  ) {
    this.#halves = halves.filter((half) => half.length > 0);
    this.#others = [...new Set(halves.flat())].filter((node) => node !== self);
    this.#heard = new Set([self]);
    this.#isRestored = isRestored;
    this.#askAt = now;
    this.#until = after(now, patience);
  }

  get deadline(): Instant {
    const until = this.#others.length === 0 ? never : this.#until;
    return Math.min(this.#askAt, until) as Instant;
  }

  /** Whom to ask now. */
  ask(now: Instant): readonly string[] {
    if (now < this.#askAt) return [];
    this.#askAt = after(now, askEvery);
    return this.#others.filter((node) => !this.#heard.has(node));
  }

  heard(node: string): void {
    if (this.#others.includes(node)) this.#heard.add(node);
  }

  /** Null while it is not decided; else whether the others are lost. */
  areLost(now: Instant): boolean | null {
    if (this.#others.length === 0) return this.#isRestored;
    const isMajority = (half: readonly string[]): boolean =>
      half.filter((node) => this.#heard.has(node)).length >= majorityOf(half.length);
    if (this.#halves.every(isMajority)) return false;
    return now >= this.#until ? true : null;
  }

  /** Why this manager does not go on alone. */
  get refusal(): string {
    const there = this.#others.filter((node) => this.#heard.has(node)).join(", ");
    return (
      `this manager does not form a new cluster: with ${there} a quorum of the managers is ` +
      "there, so the cluster can go on as it is. Demote the managers that are lost, or stop the " +
      "others first if they are to be given up."
    );
  }
}

/** What becomes of it where the node is a worker: SwarmKit's goes on without a word. */
export const nothingToForce = {
  kind: "force-refused",
  reason:
    "this node does not form a new cluster: it is a worker, and only a manager has what the " +
    "cluster knows. Start a manager that is left in that way.",
} as const;

/** What becomes of it where a manager has taken nothing over yet. */
export const nothingToGoOnWith = {
  kind: "force-refused",
  reason:
    "this manager does not form a new cluster: it holds nothing of one yet, as it was promoted " +
    "just then. Start another manager that is left in that way, or use another backup.",
} as const;

/** True for a manager that is to ask whether it may go on alone. */
export function asksToForce(config: NodeConfig, { memberId }: Standing): boolean {
  const { forceNewCluster = false, isRestored = false } = config;
  return memberId !== null && (forceNewCluster || isRestored);
}

/** Asks the other voters in its log. */
export function beginForce(
  { id, isRestored }: NodeConfig,
  { founders }: Standing,
  durable: Durable,
  now: Instant,
): ForceNewCluster {
  const { voters, outgoing } = membershipIn(durable, founders);
  const halves = [voters, outgoing].map((half) => half.map(nodeOfMember));
  return new ForceNewCluster(halves, id, now, isRestored);
}

/**
 * The number of the incarnation that follows `incarnation`; `draw` tells rivals apart. Of a backup,
 * which is `restoredAt` some time of the calendar, it follows as well whatever the cluster came to
 * since the backup was made, which may have been restored before.
 */
export function nextIncarnation(
  incarnation: number,
  draw: (below: number) => number,
  restoredAt: Timestamp | null = null,
): number {
  const next = Math.floor(incarnation / generation) + 1;
  const newest = Math.max(next, Math.floor((restoredAt ?? 0) / generationEvery));
  return newest * generation + draw(generation);
}

/** The newest membership in a log. */
export function membershipIn(
  { snapshot, entries }: Durable,
  founders: readonly string[],
): Membership {
  let membership = snapshot?.membership ?? simpleMembership(founders);
  for (const entry of entries) {
    if (entry.kind === "config") membership = changed(membership, entry.change) ?? membership;
  }
  return membership;
}

/**
 * What a manager's log becomes when it goes on alone: one snapshot of all that the log holds,
 * committed or not, in which it is the only manager and the only voter. Terms begin anew at the
 * number of the incarnation, so that no term is led in two of them. Null: the log holds nothing.
 */
export function forcedLog(durable: Durable, standing: Standing, node: string): Durable | null {
  const { snapshot, entries, hardState } = durable;
  const last = entries.at(-1) ?? snapshot;
  if (last === null || standing.memberId === null) return null;
  const store = new Store(null);
  if (snapshot !== null) store.restore(storeSnapshot(snapshot.payload));
  for (const entry of entries) store.apply(storeEntry(entry), entry.index);
  const payload = snapshotPayload(rewritten(store.snapshot(), standing, node));
  const membership = simpleMembership([standing.memberId]);
  const { index, term } = last;
  const forced: Snapshot = { index, term, membership, payload };
  const newTerm = Math.max((hardState?.term ?? 0) + 1, standing.incarnation);
  return { ...durable, hardState: { term: newTerm, vote: null }, snapshot: forced, entries: [] };
}

/** Of nodes that are to find the cluster anew. */
const unheard = {
  state: "unknown",
  message: "the cluster was begun anew",
  downSince: null,
} as const;

function rewritten(store: StoreSnapshot, standing: Standing, self: string): StoreSnapshot {
  const { incarnation, memberId: raftId } = standing;
  const objects = store.objects.map((object) => {
    if (object.kind === "cluster") return changedCluster(object, { incarnation });
    if (object.kind !== "node") return object;
    const desiredRole = object.id === self ? "manager" : "worker";
    const { spec } = object;
    const status = object.status.state === "down" ? object.status : unheard;
    const node = changedNode(object, { spec: { ...spec, desiredRole }, status });
    if (object.id !== self) return object.role === "manager" ? demoted(node) : node;
    return changedNode(node, { role: "manager", raftId });
  });
  return { ...store, objects };
}
