import type { CaRequest } from "../../core/ca/message.ts";
import { type ClusterSpec, settingsOf } from "../../core/model/cluster.ts";
import { nodeOfMember } from "../../core/model/standing.ts";
import type { Member } from "../../core/node/member.ts";
import { majorityOf } from "../../core/raft/quorum.ts";
import type { Raft } from "../../core/raft/raft.ts";
import type { Host } from "../world/host.ts";
import { BrokenInvariant, type CheckedWorld, type Checker } from "./checker.ts";

/** Each try to hand over takes an election timeout at most: this many may fail. */
const triesMost = 6;
/** A leader that does nothing for this long was paused: its time does not count. */
const longestStep = 10_000_000;

/** A leader to whose calendar most voters are out. */
interface Outsider {
  readonly name: string;
  readonly term: number;
  since: number;
  seenAt: number;
}

/**
 * Nobody leads for long to whose calendar the certificates of most voters are over, though by their
 * own they are good: such a leader would listen to no agent. Who asks for a new certificate gets
 * one, and is out no more.
 */
export class CalendarIsShared implements Checker {
  readonly name = "calendar-is-shared";
  readonly source = "our own: core/manager/calendar-doubt.ts";
  checks = 0;
  readonly #world: CheckedWorld;
  /** Nodes that have asked for others than those that are over by the present leader's calendar. */
  readonly #asked = new Set<string>();
  #outsider: Outsider | null = null;

  constructor(world: CheckedWorld) {
    this.#world = world;
  }

  caRequestSent({ name, signer }: Host, { kind }: CaRequest): void {
    const leader = this.#world.named.get(this.#outsider?.name ?? "");
    const { certificate } = signer.held;
    if (kind !== "certificate-request" || leader === undefined || certificate === null) return;
    if (certificate.notAfter < leader.clock.calendar()) this.#asked.add(name);
  }

  leading(host: Host, { raft, store }: Member): void {
    const { name } = host;
    const { now } = this.#world.kernel;
    if (this.#outsider?.name !== name || this.#outsider.term !== raft.term) {
      if ((this.#outsider?.term ?? 0) > raft.term) return;
      this.#asked.clear();
      this.#outsider = { name, term: raft.term, since: now, seenAt: now };
    }
    const { seenAt } = this.#outsider;
    this.#outsider.seenAt = now;
    if (now - seenAt > longestStep || !this.#isOutside(host, raft)) {
      this.#outsider.since = now;
      return;
    }
    this.checks += 1;
    if (now - this.#outsider.since <= patienceWith(host, settingsOf(store.cluster))) return;
    const detail = "leads on, though by its calendar the certificates of most voters are over";
    throw new BrokenInvariant(this.name, name, `${name} ${detail}`);
  }

  #isOutside(leader: Host, { membership: { voters } }: Raft): boolean {
    if (leader.clock.faults.ahead === 0) return false;
    const out = voters.filter((member) => this.#isOut(leader, nodeOfMember(member)));
    return voters.length > 0 && out.length >= majorityOf(voters.length);
  }

  #isOut({ clock, node }: Host, voter: string): boolean {
    const other = this.#world.named.get(voter);
    const notAfter = node?.member?.store.nodes.get(voter)?.certificate?.proven?.notAfter ?? null;
    if (other === undefined || notAfter === null || this.#asked.has(voter)) return false;
    if (notAfter >= clock.calendar()) return false;
    return other.state === "up" && other.clock.calendar() <= notAfter;
  }
}

function patienceWith({ config }: Host, { heartbeatPeriod, heartbeatGrace }: ClusterSpec): number {
  const { electionTicks, tickInterval } = config.raft;
  return heartbeatPeriod * heartbeatGrace + triesMost * electionTicks * tickInterval;
}
