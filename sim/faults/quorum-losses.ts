import type { Random } from "../../core/base/random.ts";
import { EventKind } from "../kernel.ts";
import type { Action, Chaos as ChaosPlan, Range, Span } from "../scenario/dsl.ts";
import type { Host } from "../world/host.ts";
import { areQuorum, isVoter } from "../world/memberships.ts";
import { ChaosDraws } from "./chaos-draws.ts";
import { isWhole } from "./fault-budget.ts";
import type { Faults, FaultyWorld } from "./faults.ts";

/** Whoever is to go on alone asks the others for five seconds first; then somebody looks. */
const looksAfter = 8_000_000;
/** Of the losses, in millionths, all that were backed up before: what is left is lost too. */
const restoredPerMillion = 600_000;
/** A machine that has joined anew is promoted after so long. */
const promotedAfter = ["1s", "20s"] as const;

type Recovery = "force-new-cluster" | "restore-backup";

/**
 * A majority of the managers lose their disks for good, all at once. Somebody starts one of those
 * that are left alone, as often as it takes; then the lost ones join anew, and are promoted.
 *
 * What the one that is left had not heard of is lost, though it was acknowledged: so nobody keeps a
 * history of such a cluster. Nor does it happen to one that does not know the present root: whoever
 * knows no other would not believe it.
 */
export class QuorumLosses {
  readonly #world: FaultyWorld;
  readonly #faults: Faults;
  readonly #plan: NonNullable<ChaosPlan["quorumLosses"]>;
  readonly #draws: ChaosDraws;
  readonly #random: Random;
  #isUnderWay = false;

  constructor(
    world: FaultyWorld,
    faults: Faults,
    plan: NonNullable<ChaosPlan["quorumLosses"]>,
    random: Random,
  ) {
    this.#world = world;
    this.#faults = faults;
    this.#plan = plan;
    this.#draws = new ChaosDraws(world.kernel, false, random);
    this.#random = random;
  }

  begin(): void {
    const { every, backups } = this.#plan;
    this.#draws.recurring(every, () => this.#lose());
    if (backups) {
      this.#draws.recurring(backups.every, () => {
        this.#faults.act({ do: "back-up", nodes: "managers" });
      });
    }
  }

  end(): void {
    this.#draws.isOver = true;
  }

  #lose(): void {
    const voters = this.#voters();
    const { history } = this.#world;
    const isRotated = history.view.cluster?.ca?.rotation !== null;
    if (this.#isUnderWay || isRotated || voters.length < 2) return;
    const [survivor, ...others] = this.#random.shuffled(voters) as [Host, ...Host[]];
    const root = history.view.cluster?.ca?.root.digest;
    const isGood = survivor.backup !== null && survivor.backup.root === root;
    const isRestored = isGood && this.#random.chance(restoredPerMillion);
    if (!isRestored && survivor.rootDigest !== root) return;
    const least = Math.ceil(voters.length / 2);
    const lost = others.slice(0, this.#random.between(least, others.length));
    if (isRestored) lost.splice(0, lost.length, ...others);
    this.#isUnderWay = true;
    const how = isRestored ? "restore-backup" : "force-new-cluster";
    for (const { name: nodes } of lost) {
      this.#faults.act({ do: "wipe-disk", nodes });
      this.#faults.act({ do: "crash", nodes });
    }
    this.#always(this.#draws.span(this.#plan.downFor), () => this.#force(how, survivor, lost));
  }

  /** Whole, and known to all as such; none while somebody is on the way in or out. */
  #voters(): Host[] {
    const { history, operators, managers } = this.#world;
    if (operators.some(({ changesRoles }) => changesRoles)) return [];
    if (managers.some(({ raft }) => raft?.changePending === true)) return [];
    const nodes = [...history.view.nodes.values()].filter(({ raftId }) => raftId !== null);
    const voters = managers.filter(
      (host) => isVoter(host) && nodes.some(({ raftId }) => raftId === host.memberId),
    );
    const areAll = voters.length === nodes.length && voters.every(isWhole);
    const areToStay = nodes.every(({ spec }) => spec.desiredRole === "manager");
    return areAll && areToStay ? voters : [];
  }

  /** It may have crashed meanwhile, and started as any other. */
  #force(how: Recovery, survivor: Host, lost: readonly Host[]): void {
    const before = this.#world.history.incarnation;
    this.#faults.act({ do: how, nodes: survivor.name });
    this.#always(looksAfter, () => {
      const isForced = this.#world.history.incarnation !== before;
      if (!isForced && this.#hasQuorum) return this.#giveUp(lost);
      if (!isForced) return this.#force(how, survivor, lost);
      this.#isUnderWay = false;
      for (const { name: nodes } of lost) this.#comeBack(nodes);
    });
  }

  get #hasQuorum(): boolean {
    const { managers } = this.#world;
    return areQuorum(managers.filter(isWhole), managers);
  }

  /** The others go on without it: they are a quorum after all, and know of the loss. */
  #giveUp(lost: readonly Host[]): void {
    this.#isUnderWay = false;
    for (const { name: nodes } of lost) {
      this.#faults.act({ do: "role", nodes, role: "worker" });
      this.#comeBack(nodes);
    }
  }

  #comeBack(nodes: string): void {
    this.#after(this.#plan.downFor, { do: "restart", nodes }, () => {
      this.#after(promotedAfter, { do: "role", nodes, role: "manager" });
    });
  }

  #after(range: Range<Span>, action: Action, then: () => void = () => undefined): void {
    this.#draws.later(this.#draws.span(range), () => {
      this.#faults.act(action);
      then();
    });
  }

  /** Also when chaos is over: without it there is no cluster. */
  #always(delay: number, happens: () => void): void {
    this.#world.kernel.schedule(delay, EventKind.FAULT, -1, "chaos", () => {
      happens();
      return true;
    });
  }
}
