import type { NodeMessage } from "../../core/node/message.ts";
import type { RaftStatus } from "../../core/raft/contract.ts";
import type { Entry, Membership, RaftMessage } from "../../core/raft/message.ts";
import { EventKind, type SimEvent } from "../kernel.ts";
import type { Packet } from "../ports/network.ts";
import type { Host } from "../world/host.ts";
import type { Watch, Watcher } from "../world/watch.ts";
import type { World } from "../world/world.ts";
import { messageOf, receivedName, sentName, type TlaMessage } from "./tla-message.ts";

/** 2026-01-01, in nanoseconds, as the calendars of a simulated world. */
const epochNs = 1_767_225_600n * 1_000_000_000n;

/**
 * The managers' parts in Raft as the events of etcd's trace validation (etcd-io/raft
 * `state_trace.go`), one JSON object a line in the envelope of its example logger. Members keep
 * their names where etcd has numbers; nobody is "0".
 *
 * What happens in one step of a member is told once the step is over, in the order of etcd: the
 * message received, with the state before it; roles; new entries; what is sent; the commit index;
 * the membership; `Ready`.
 */
export function tlaTrace(write: (line: string) => void): Watch {
  return (world) => new TlaTrace(world, write);
}

interface Details {
  readonly msg?: TlaMessage;
  readonly prop?: object | undefined;
}

class TlaTrace implements Watcher {
  readonly #world: World;
  readonly #write: (line: string) => void;
  /** By host: where its member stood after the last event; null while it has none. */
  readonly #before: (RaftStatus | null)[];
  /** What hosts have sent in the event under way. */
  readonly #sent: { readonly host: Host; readonly message: NodeMessage }[] = [];
  readonly #touched = new Set<Host>();
  #lastNs = 0n;

  constructor(world: World, write: (line: string) => void) {
    this.#world = world;
    this.#write = write;
    this.#before = world.hosts.map(() => null);
  }

  recovered(host: Host): void {
    this.#before[host.number] = null;
  }

  crashed(host: Host): void {
    this.#before[host.number] = null;
  }

  stepped(host: Host): void {
    this.#touched.add(host);
  }

  sent(host: Host, _to: string, message: NodeMessage): void {
    this.#sent.push({ host, message });
  }

  handled(event: SimEvent): void {
    const packet = event.kind === EventKind.DELIVER ? (event.subject as Packet) : null;
    for (const host of this.#touched) this.#flush(host, packet);
    this.#touched.clear();
    this.#sent.length = 0;
  }

  #flush(host: Host, packet: Packet | null): void {
    const after = host.raft?.status() ?? null;
    const known = this.#before[host.number] ?? null;
    this.#before[host.number] = after;
    if (after === null) return;
    const isNew = known === null || known.id !== after.id;
    const before = isNew ? startOf(after) : known;
    if (isNew) this.#event("InitState", before);
    if (packet !== null && !isNew) this.#received(before, packet.message);
    const told = changesOf(before, after, (index) => host.raft?.entryAt(index) ?? null);
    for (const { name, status, prop } of told.first) this.#event(name, status, { prop });
    this.#sends(host, after);
    for (const { name, status, prop } of told.last) this.#event(name, status, { prop });
    if (told.first.length + told.last.length > 0) this.#event("Ready", after);
  }

  #received(status: RaftStatus, message: NodeMessage): void {
    const msg = messageOf(message);
    const name = msg === null ? null : receivedName(msg.type);
    if (msg !== null && name !== null && msg.to === status.id) this.#event(name, status, { msg });
  }

  #sends(sender: Host, status: RaftStatus): void {
    for (const { host, message } of this.#sent) {
      if (host !== sender) continue;
      const msg = messageOf(message);
      const name = msg === null ? null : sentName(msg.type);
      if (msg === null || name === null || msg.from !== status.id) continue;
      const prop = message.kind === "raft" ? progressOf(sender, message.message) : undefined;
      this.#event(name, status, { msg, prop });
    }
  }

  #event(name: string, status: RaftStatus, details: Details = {}): void {
    const { id: nid, term, vote, commit, role, lastIndex: log, membership } = status;
    const { msg, prop } = details;
    const event = {
      name,
      nid,
      state: { term, vote: vote ?? "0", commit },
      role: roleNames[role],
      log,
      conf: [membership.voters, membership.outgoing],
      ...(msg !== undefined && { msg }),
      ...(prop !== undefined && { prop }),
    };
    this.#write(
      `{"level":"debug","ts":${this.#timestamp()},"tag":"trace","event":${JSON.stringify(event)}}`,
    );
  }

  /**
   * Seconds with nine digits, each event a little later than the one before: etcd's scripts sort a
   * trace by this text.
   */
  #timestamp(): string {
    const now = epochNs + BigInt(this.#world.kernel.now) * 1_000n;
    this.#lastNs = now > this.#lastNs ? now : this.#lastNs + 1n;
    const digits = String(this.#lastNs);
    return `${digits.slice(0, -9)}.${digits.slice(-9)}`;
  }
}

const roleNames: Readonly<Record<RaftStatus["role"], string>> = {
  follower: "StateFollower",
  "pre-candidate": "StatePreCandidate",
  candidate: "StateCandidate",
  leader: "StateLeader",
};

interface Change {
  readonly name: string;
  readonly status: RaftStatus;
  readonly prop?: object | undefined;
}

/** Where a member stood before its first input: with its log, a follower. */
function startOf(status: RaftStatus): RaftStatus {
  return { ...status, role: "follower", leader: null };
}

/** What has happened between two looks at a member: before it sends, and after that. */
function changesOf(
  before: RaftStatus,
  after: RaftStatus,
  entryAt: (index: number) => Entry | null,
): { first: Change[]; last: Change[] } {
  const roles = rolesOf(before, after);
  const entries = after.role === "leader" ? proposalsOf(before, after, entryAt) : [];
  const commits: Change[] = after.commit > before.commit ? [{ name: "Commit", status: after }] : [];
  return { first: [...roles, ...entries], last: [...commits, ...membershipOf(before, after)] };
}

/** A member that leads after one step has been a candidate before, if only for that step. */
function rolesOf(before: RaftStatus, after: RaftStatus): Change[] {
  const { term, role, commit, lastIndex, membership } = before;
  const isNewTerm = after.term > term;
  const log = { commit, lastIndex, membership };
  const candidate = { ...after, ...log, role: "candidate" } as const;
  const stood = isNewTerm && after.vote === after.id && after.role !== "follower";
  const first: Change[] = stood ? [{ name: "BecomeCandidate", status: candidate }] : [];
  if (after.role === "leader" && (role !== "leader" || isNewTerm)) {
    return [...first, { name: "BecomeLeader", status: { ...after, ...log } }];
  }
  const fell = after.role === "follower" && (role !== "follower" || isNewTerm);
  return fell ? [{ name: "BecomeFollower", status: { ...after, ...log } }] : first;
}

function proposalsOf(
  before: RaftStatus,
  after: RaftStatus,
  entryAt: (index: number) => Entry | null,
): Change[] {
  const changes: Change[] = [];
  for (let index = before.lastIndex + 1; index <= after.lastIndex; index += 1) {
    const entry = entryAt(index);
    const status = { ...after, lastIndex: index - 1, commit: before.commit };
    if (entry?.kind !== "config") changes.push({ name: "Replicate", status });
    else changes.push({ name: "ChangeConf", status, prop: { cc: { changes: stepsOf(entry) } } });
  }
  return changes;
}

const actions = {
  "add-voter": "AddNewServer",
  "add-learner": "AddLearner",
  remove: "RemoveServer",
} as const;

function stepsOf({ change }: Entry & { kind: "config" }): object[] {
  return change.steps.map(({ kind, member }) => ({ nid: member, action: actions[kind] }));
}

function membershipOf(before: RaftStatus, after: RaftStatus): Change[] {
  if (sameVoters(before.membership, after.membership)) return [];
  const status = { ...after, membership: before.membership };
  const prop = { cc: { newconf: after.membership.voters } };
  return [{ name: "ApplyConfChange", status, prop }];
}

function sameVoters(left: Membership, right: Membership): boolean {
  return (
    left.voters.join() === right.voters.join() && left.outgoing.join() === right.outgoing.join()
  );
}

/** What the leader knows of itself: with an append, as etcd's. */
function progressOf(host: Host, { kind }: RaftMessage): object | undefined {
  if (kind !== "append" || host.raft === null) return undefined;
  const { stable, lastIndex } = host.raft;
  return { match: stable, next: lastIndex + 1 };
}
