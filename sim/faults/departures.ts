import type { Random } from "../../core/base/random.ts";
import { isElsewhere, knownTo } from "../liveness/recovery.ts";
import type { Action, Chaos as ChaosPlan, Range, Span } from "../scenario/dsl.ts";
import type { Host } from "../world/host.ts";
import { ChaosDraws } from "./chaos-draws.ts";
import type { FaultBudget } from "./fault-budget.ts";
import type { Faults, FaultyWorld } from "./faults.ts";

/** Of those that leave, in millionths: a manager that has left is a worker for the others. */
const demotedPerMillion = 700_000;
/** Somebody removes the node that the machine was, by force or where it is down. */
const removedPerMillion = 600_000;
const byForcePerMillion = 500_000;
/** What is now in a manager's place is promoted. */
const promotedPerMillion = 500_000;
const promotedAfter = ["1s", "20s"] as const;

interface DepartingWorld extends FaultyWorld {
  readonly budget: FaultBudget;
}

/** Machines leave, and join again as other nodes; the nodes that they were are removed, or stay. */
export class Departures {
  readonly #world: DepartingWorld;
  readonly #faults: Faults;
  readonly #plan: NonNullable<ChaosPlan["departures"]>;
  readonly #draws: ChaosDraws;

  constructor(
    world: DepartingWorld,
    faults: Faults,
    plan: NonNullable<ChaosPlan["departures"]>,
    random: Random,
  ) {
    this.#world = world;
    this.#faults = faults;
    this.#plan = plan;
    this.#draws = new ChaosDraws(world.kernel, false, random);
  }

  begin(): void {
    this.#draws.recurring(this.#plan.every, () => {
      const able = this.#world.hosts.filter((host) => this.#mayLeave(host));
      if (able.length > 0) this.#leave(this.#draws.random.pick(able));
    });
  }

  end(): void {
    this.#draws.isOver = true;
  }

  /** It can come back, the others are a quorum, and each of them knows a manager that stays. */
  #mayLeave(host: Host): boolean {
    const { hosts, budget, history } = this.#world;
    const others = hosts.filter((other) => other !== host && !isElsewhere(other));
    if (host.next === null || isElsewhere(host) || !budget.mayLeave(host)) return false;
    const isManager = ({ name }: Host) => (history.view.nodes.get(name)?.raftId ?? null) !== null;
    const managers = others.filter(isManager);
    const isIn = ({ signer }: Host) => signer.held.certificate !== null;
    return others.every((other) =>
      managers.some((known) =>
        known === other ? isIn(other) : knownTo(other).includes(known.name),
      ),
    );
  }

  #leave(host: Host): void {
    const { random } = this.#draws;
    const { name: nodes, isManager } = host;
    const next = host.next?.name as string;
    this.#faults.act({ do: "leave", nodes });
    if (isManager && random.chance(demotedPerMillion)) {
      this.#after({ do: "role", nodes, role: "worker" });
    }
    if (random.chance(removedPerMillion)) {
      this.#after({ do: "remove-node", nodes, force: random.chance(byForcePerMillion) });
    }
    const isPromoted = isManager && random.chance(promotedPerMillion);
    this.#draws.later(this.#draws.span(this.#plan.downFor), () => {
      this.#faults.act({ do: "restart", nodes: next });
      if (isPromoted) this.#after({ do: "role", nodes: next, role: "manager" }, promotedAfter);
    });
  }

  #after(action: Action, range: Range<Span> = this.#plan.downFor): void {
    this.#draws.later(this.#draws.span(range), () => this.#faults.act(action));
  }
}
