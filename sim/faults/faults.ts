import { assert } from "../../core/base/assert.ts";
import { isEqual } from "../../core/base/equal.ts";
import type { Random } from "../../core/base/random.ts";
import { EventKind, type Kernel } from "../kernel.ts";
import type { Authorities } from "../ports/authorities.ts";
import type { ContainerConditions } from "../ports/container-conditions.ts";
import type { SimNetwork } from "../ports/network.ts";
import type { Action, NetworkConditions, PartitionMode } from "../scenario/dsl.ts";
import { type NodeFault, nodeFaults } from "../scenario/fault-words.ts";
import { parseSpan, span } from "../scenario/units.ts";
import type { Operator } from "../users/operator.ts";
import type { Host } from "../world/host.ts";
import { type Selectable, select } from "../world/selectors.ts";
import { changeContainers, changeNetwork } from "./conditions.ts";
import { conditionsText } from "./conditions-text.ts";
import type { Forger } from "./forger.ts";
import { type Cut, Links } from "./links.ts";
import { NodeFaults, type NodeFaultWorld } from "./node-faults.ts";

/** What a fault may touch. */
export interface FaultyWorld extends Selectable, NodeFaultWorld {
  readonly kernel: Kernel;
  readonly network: SimNetwork;
  /** All who give commands. */
  readonly operators: readonly Operator[];
  readonly containers: ContainerConditions;
  readonly forger: Pick<Forger, "forge">;
  readonly authorities: Pick<Authorities, "change">;
  /** The machine's user learns the token of the moment. */
  giveToken(host: Host): void;
  /** Says what has happened, for the story. */
  tell(kind: "fault" | "heal" | "command", text: string): void;
}

type ActionOf<Kind extends Action["do"]> = Extract<Action, { readonly do: Kind }>;
type LinkAction = ActionOf<"partition" | "mend" | "flap" | "clog">;

const second = 1_000_000;
/** A daemon that ended by itself is started again after this long, as by systemd. */
const restartsAfter = 2 * second;

/** Carries out the steps of a scenario. */
export class Faults {
  readonly #world: FaultyWorld;
  readonly #random: Random;
  readonly #links: Links;
  readonly #nodes: NodeFaults;
  /** Told of every action before it is carried out, with nodes in place of selectors. */
  readonly #acted: (action: Action) => void;
  readonly #dead = new Set<string>();
  /** Whose daemons have ended by themselves and will be started again. */
  readonly #ended = new Set<Host>();
  /** How often all that comes in several parts was ended. */
  #ceased = 0;

  constructor(world: FaultyWorld, random: Random, acted: (action: Action) => void) {
    this.#world = world;
    this.#random = random;
    this.#acted = acted;
    this.#links = new Links(world.network, (kind, text) => world.tell(kind, text));
    this.#nodes = new NodeFaults(world);
  }

  /**
   * Carries out one step. Whom it concerns is found out now, and told to `acted`. What comes in
   * several parts is told part by part.
   */
  act(action: Action): void {
    for (const named of this.#named(action)) this.#actOn(named);
  }

  /** Of what came in several parts so far, no more parts come. */
  cease(): void {
    this.#ceased += 1;
  }

  /** A daemon that ends by itself on this machine is not started again. */
  abandon({ name }: Host): void {
    this.#dead.add(name);
  }

  /** Whether its daemon is down only until it is started again. */
  comesBack(host: Host): boolean {
    return this.#ended.has(host);
  }

  /** From now on its disk does what it is asked, and what runs its containers answers. */
  repair(host: Host): void {
    this.#nodes.repair(host);
  }

  /** The daemon has ended by itself; it is started again, and again. */
  ended(host: Host, reason: string): void {
    this.#world.tell("fault", `the daemon of ${host.name} ends: ${reason}`);
    if (this.#ended.has(host)) return;
    this.#ended.add(host);
    const restart = { do: "restart", nodes: host.name } as const;
    this.#schedule(restartsAfter, restart, () => {
      this.#ended.delete(host);
      return this.#dead.has(host.name);
    });
  }

  #actOn(action: Action): void {
    if (action.do === "flap") return this.#flap(action);
    if (action.do === "crash-loop") return this.#crashLoop(action);
    this.#acted(action);
    this.#act(action);
  }

  /** The same action with nodes for selectors: one for each node where it is about single nodes. */
  #named(action: Action): Action[] {
    if ("nodes" in action) {
      const hosts = select(this.#world, action.nodes, this.#random);
      return hosts.map(({ name }) => ({ ...action, nodes: name }));
    }
    if (action.do === "partition-at-random") return this.#parted(action);
    if (!("from" in action)) return [action];
    const from = this.#union(action.from);
    const isFrom = new Set(from);
    const rest = () => this.#world.hosts.filter((host) => !isFrom.has(host));
    const to = action.to === "rest" ? rest() : this.#union(action.to);
    return [{ ...action, from: namesOf(from), to: namesOf(to) }];
  }

  #parted({ mode, oneWay }: ActionOf<"partition-at-random">): Action[] {
    const names = namesOf(this.#world.hosts);
    if (names.length < 2) return [];
    const [from, to] = twoSides(names, mode, this.#random);
    return [{ do: "partition", from, to, oneWay }];
  }

  /** All nodes in it are named. */
  #act(action: Action): void {
    switch (action.do) {
      case "partition":
        return this.#links.partition(this.#cutOf(action));
      case "mend":
        return this.#links.mend(this.#cutOf(action));
      case "heal":
        return this.#links.heal();
      case "clog":
        return this.#links.clog({ ...this.#cutOf(action), oneWay: true }, span(action.lasting));
      case "unclog":
        return this.#world.network.unclog();
      case "network":
        return this.#changeNetwork(action.conditions);
      case "containers":
        changeContainers(this.#world.containers, action.conditions);
        return this.#world.tell("fault", `containers: ${conditionsText(action.conditions)}`);
      case "bad-image":
        this.#world.containers.badImages.set(action.image, span(action.crashesAfter));
        return this.#world.tell("fault", `the image ${action.image} is bad`);
      case "good-image":
        this.#world.containers.badImages.delete(action.image);
        return this.#world.tell("heal", `the image ${action.image} is good again`);
      case "authority":
        this.#world.authorities.change(action.name, action.mood);
        return this.#world.tell("fault", `the authority ${action.name} is ${action.mood}`);
      case "flap":
      case "crash-loop":
      case "partition-at-random":
        return;
      default:
        return this.#actOnNode(action);
    }
  }

  #actOnNode(action: NodeOrUserAction): void {
    const nodes = this.#nodes;
    switch (action.do) {
      case "disk":
        return nodes.changeDisk(this.#host(action.nodes), action.conditions);
      case "skew-clock":
        return nodes.skew(this.#host(action.nodes), parseSpan(action.ahead) ?? 0);
      case "drift-clock":
        return nodes.drift(this.#host(action.nodes), action.ppm);
      case "jump-clock":
        return nodes.jump(this.#host(action.nodes), span(action.ahead));
      case "meddle":
        return nodes.meddle(this.#host(action.nodes), action.deed);
      case "refit":
        return nodes.refit(this.#host(action.nodes), action.parts);
      case "give-token":
        return this.#world.giveToken(this.#host(action.nodes));
      case "forge":
        this.#world.tell("fault", `${action.nodes} sends forged messages as ${action.guise}`);
        return this.#world.forger.forge(this.#host(action.nodes), action.guise);
      default:
        if (isPlain(action)) return nodes.plain[action.do](this.#host(action.nodes));
        return this.#operator(action.by ?? 1).want(action);
    }
  }

  #operator(number: number): Operator {
    const operator = this.#world.operators[number - 1];
    assert(operator !== undefined, "there are as many users as steps name");
    return operator;
  }

  #flap({ from, to, oneWay, cut, open, times }: ActionOf<"flap">): void {
    const rhythm = span(cut) + span(open);
    for (let time = 0; time < times; time += 1) {
      this.#later(time * rhythm, { do: "partition", from, to, oneWay });
      this.#later(time * rhythm + span(cut), { do: "mend", from, to, oneWay });
    }
  }

  #crashLoop({ nodes, after, times }: ActionOf<"crash-loop">): void {
    const rhythm = span(after) + second;
    for (let time = 0; time < times; time += 1) {
      this.#later(time * rhythm + span(after), { do: "kill", nodes });
      this.#later((time + 1) * rhythm, { do: "restart", nodes });
    }
  }

  #later(delay: number, action: Action): void {
    const ceased = this.#ceased;
    this.#schedule(delay, action, () => this.#ceased > ceased);
  }

  #schedule(delay: number, action: Action, isIdle = () => false): void {
    this.#world.kernel.schedule(delay, EventKind.FAULT, -1, action.do, () => {
      if (isIdle()) return false;
      this.act(action);
      return true;
    });
  }

  #host(name: string): Host {
    const found = this.#world.named.get(name);
    assert(found !== undefined, "an action names a machine of the topology");
    return found;
  }

  /** What is as before is not told. */
  #changeNetwork(plan: NetworkConditions): void {
    const { conditions } = this.#world.network;
    const before = { ...conditions };
    changeNetwork(conditions, plan);
    if (isEqual(before, conditions)) return;
    const isSound = Object.values(plan).every((value) => value === 0);
    this.#world.tell(isSound ? "heal" : "fault", `the network ${conditionsText(plan)}`);
  }

  #cutOf({ from, to, ...rest }: LinkAction): Cut {
    assert(to !== "rest", "who is meant has been found out");
    const oneWay = "oneWay" in rest && rest.oneWay;
    return { from: this.#union(from), to: this.#union(to), oneWay };
  }

  #union(selectors: readonly string[]): Host[] {
    const selected = new Set(
      selectors.flatMap((selector) => select(this.#world, selector, this.#random)),
    );
    return this.#world.hosts.filter((host) => selected.has(host));
  }
}

/** How long what a step begins goes on by itself, in microseconds. */
export function extentOf(action: Action): number {
  switch (action.do) {
    case "flap":
      return action.times * (span(action.cut) + span(action.open));
    case "crash-loop":
      return action.times * (span(action.after) + second);
    case "clog":
      return span(action.lasting);
    default:
      return 0;
  }
}

function isPlain(action: Action): action is ActionOf<NodeFault> {
  return nodeFaults.some((fault) => fault === action.do);
}

type WorldFault =
  | ("heal" | "unclog" | "network" | "containers" | "bad-image" | "good-image")
  | "authority";
type NodeOrUserAction = Exclude<
  Action,
  { readonly do: LinkAction["do"] | WorldFault | "crash-loop" | "partition-at-random" }
>;

/** Two sides, none of them empty, in a random order. `names` are two at least. */
export function twoSides(
  names: readonly string[],
  mode: PartitionMode,
  random: Random,
): readonly [string[], string[]] {
  const shuffled = random.shuffled(names);
  const size = sizeOfSide(names.length, mode, random);
  return [shuffled.slice(0, size), shuffled.slice(size)];
}

function sizeOfSide(count: number, mode: PartitionMode, random: Random): number {
  if (mode === "isolate-one") return random.chance(500_000) ? 1 : count - 1;
  if (mode === "uniform-size") return random.between(1, count - 1);
  let size = 0;
  for (let node = 0; node < count; node += 1) size += random.below(2);
  return Math.min(Math.max(size, 1), count - 1);
}

function namesOf(hosts: readonly Host[]): string[] {
  return hosts.map((host) => host.name);
}
