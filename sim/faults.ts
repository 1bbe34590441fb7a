import { assert, unreachable } from "../core/base/assert.ts";
import type { Random } from "../core/base/random.ts";
import type { ContainerConditions } from "./executor.ts";
import type { Host } from "./host.ts";
import type { SimNetwork } from "./network.ts";
import type { Operator } from "./operator.ts";
import { configured } from "./plan.ts";
import type {
  Action,
  ContainerFaults,
  DiskPlan,
  NetworkConditions,
  ServicePlan,
} from "./scenario/dsl.ts";
import { parseSpan, span } from "./scenario/units.ts";
import { type Selectable, select } from "./selectors.ts";
import { changed, specOf } from "./service-spec.ts";

/** Links that were cut together and are mended together. */
interface Cut {
  readonly from: readonly Host[];
  readonly to: readonly Host[];
  readonly oneWay: boolean;
}

type FaultKind =
  | "partition"
  | "mend"
  | "heal"
  | "crash"
  | "restart"
  | "pause"
  | "resume"
  | "corrupt-disk"
  | "skew-clock"
  | "drift-clock"
  | "network"
  | "disk"
  | "containers"
  | "bad-image"
  | "good-image"
  | "force-new-cluster";

/** What a fault may touch. */
export interface FaultyWorld extends Selectable {
  readonly network: SimNetwork;
  /** All who give commands. */
  readonly operators: readonly Operator[];
  readonly containers: ContainerConditions;
  /** Says what has happened, for the story. */
  tell(kind: "fault" | "heal" | "command", text: string): void;
}

/** Carries out the steps of a scenario, and remembers what must be undone. */
export class Faults {
  readonly #world: FaultyWorld;
  readonly #random: Random;
  /** Told of every action before it is carried out, with nodes in the place of selectors. */
  readonly #acted: ((action: Action) => void) | null;
  #cuts: Cut[] = [];

  constructor(world: FaultyWorld, random: Random, acted: ((action: Action) => void) | null) {
    this.#world = world;
    this.#random = random;
    this.#acted = acted;
  }

  /** Carries out one step. Whom it concerns is found out now, and told to `acted`. */
  act(action: Action): void {
    for (const named of this.#named(action)) {
      this.#acted?.(named);
      this.#act(named);
    }
  }

  /** The same action with nodes for selectors: one for each node where it is about single nodes. */
  #named(action: Action): Action[] {
    if ("nodes" in action) {
      const hosts = select(this.#world, action.nodes, this.#random);
      return hosts.map(({ name }) => ({ ...action, nodes: name }));
    }
    if (action.do !== "partition" && action.do !== "mend") return [action];
    const from = this.#union(action.from);
    const rest = () => this.#world.hosts.filter((host) => !from.includes(host));
    const to = action.to === "rest" ? rest() : this.#union(action.to);
    return [{ ...action, from: namesOf(from), to: namesOf(to) }];
  }

  /** All nodes in it are named. */
  #act(action: Action): void {
    switch (action.do) {
      case "partition":
        return this.#partition(this.#cutOf(action));
      case "mend":
        return this.#mend(this.#cutOf(action));
      case "heal":
        return this.#heal();
      case "crash":
        return this.#crash(this.#host(action.nodes));
      case "restart":
        return this.#restart(this.#host(action.nodes));
      case "pause":
        return this.#pause(this.#host(action.nodes));
      case "resume":
        return this.#resume(this.#host(action.nodes));
      case "corrupt-disk":
        return this.#corruptDisk(this.#host(action.nodes));
      case "skew-clock":
        return this.#skew(this.#host(action.nodes), parseSpan(action.ahead) ?? 0);
      case "drift-clock":
        return this.#host(action.nodes).clock.drift(action.ppm);
      case "network":
        return this.#network(action.conditions);
      case "disk":
        return this.#disk(this.#host(action.nodes), action.conditions);
      case "containers":
        return this.#containers(action.conditions);
      case "bad-image":
        this.#world.containers.badImages.set(action.image, span(action.crashesAfter));
        return this.#world.tell("fault", `the image ${action.image} is bad`);
      case "good-image":
        this.#world.containers.badImages.delete(action.image);
        return this.#world.tell("heal", `the image ${action.image} is good again`);
      case "force-new-cluster":
        return this.#forceNewCluster(this.#host(action.nodes));
      default:
        return this.#command(action);
    }
  }

  /** Cuts every link from one side to the other; also the way back, unless it is one-way. */
  #partition(cut: Cut): void {
    for (const [source, target] of linksOf(cut)) this.#world.network.cut(source, target);
    this.#cuts.push(cut);
    const arrow = cut.oneWay ? "can't send to" : "can't reach";
    this.#world.tell("fault", `partition: ${names(cut.from)} ${arrow} ${names(cut.to)}`);
  }

  /** Ends one partition, if it has not ended yet. */
  #mend(cut: Cut): void {
    const index = this.#cuts.findIndex((other) => isSameCut(other, cut));
    if (index < 0) return;
    this.#cuts.splice(index, 1);
    for (const [source, target] of linksOf(cut)) this.#world.network.mend(source, target);
    this.#world.tell("heal", "a partition has healed");
  }

  #heal(): void {
    if (this.#cuts.length === 0) return;
    for (const cut of this.#cuts.splice(0)) {
      for (const [source, target] of linksOf(cut)) this.#world.network.mend(source, target);
    }
    this.#world.tell("heal", "the network has healed");
  }

  #crash(host: Host): void {
    if (host.state === "down" || host.state === "refused") return;
    host.crash();
    this.#world.tell("fault", `${host.name} crashes`);
  }

  #restart(host: Host): void {
    if (host.state !== "down") return;
    this.#world.tell("heal", `${host.name} starts again`);
    host.start();
  }

  /** The operator of this machine starts it again, to go on without the other managers. */
  #forceNewCluster(host: Host): void {
    if (host.state === "refused") return;
    if (host.state !== "down") host.crash();
    this.#world.tell("heal", `${host.name} starts again to form a new cluster alone`);
    host.start(true);
  }

  #pause(host: Host): void {
    if (host.state !== "up") return;
    host.pause();
    this.#world.tell("fault", `${host.name} is paused`);
  }

  #resume(host: Host): void {
    if (host.state !== "paused") return;
    this.#world.tell("heal", `${host.name} goes on`);
    host.resume();
  }

  #corruptDisk(host: Host): void {
    host.disk.corrupt();
    this.#world.tell("fault", `the disk of ${host.name} loses a bit at its next crash`);
  }

  #skew(host: Host, ahead: number): void {
    host.clock.skew(ahead);
    const direction = ahead < 0 ? "behind" : "ahead";
    this.#world.tell(
      "fault",
      `the calendar of ${host.name} is ${Math.abs(ahead) / 1e6} s ${direction}`,
    );
  }

  #host(name: string): Host {
    const found = this.#world.hosts.find((host) => host.name === name);
    assert(found !== undefined, "an action names a machine of the topology");
    return found;
  }

  #cutOf({ from, to, oneWay }: Action & { do: "partition" | "mend" }): Cut {
    assert(to !== "rest", "who is meant has been found out");
    return { from: this.#union(from), to: this.#union(to), oneWay };
  }

  #union(selectors: readonly string[]): Host[] {
    const selected = selectors.flatMap((selector) => select(this.#world, selector, this.#random));
    return this.#world.hosts.filter((host) => selected.includes(host));
  }

  #network({ loss, duplicates, latencyMin, latencyMean }: NetworkConditions): void {
    const { conditions } = this.#world.network;
    if (loss !== undefined) conditions.lossPerMillion = Math.round(loss * 10_000);
    if (duplicates !== undefined) conditions.duplicatesPerMillion = Math.round(duplicates * 10_000);
    if (latencyMin !== undefined) conditions.latencyMin = span(latencyMin);
    if (latencyMean !== undefined) conditions.latencyMean = span(latencyMean);
    this.#world.tell("fault", "the network changes");
  }

  #disk({ name, disk }: Host, { latencyMin, latencyMean }: DiskPlan): void {
    if (latencyMin !== undefined) disk.conditions.min = span(latencyMin);
    if (latencyMean !== undefined) disk.conditions.mean = span(latencyMean);
    this.#world.tell("fault", `the disk of ${name} changes`);
  }

  #containers({ pullFailures, startFailures, crashEvery, unhealthyEvery }: ContainerFaults): void {
    const { containers } = this.#world;
    if (pullFailures !== undefined) {
      containers.pullFailuresPerMillion = Math.round(pullFailures * 10_000);
    }
    if (startFailures !== undefined) {
      containers.startFailuresPerMillion = Math.round(startFailures * 10_000);
    }
    if (crashEvery !== undefined) containers.crashMean = span(crashEvery);
    if (unhealthyEvery !== undefined) containers.unhealthyMean = span(unhealthyEvery);
    this.#world.tell("fault", "containers fare otherwise");
  }

  #command(action: Exclude<Action, { do: FaultKind }>): void {
    const operator = this.#world.operators[(action.by ?? 1) - 1];
    assert(operator !== undefined, "there are as many users as steps name");
    switch (action.do) {
      case "create":
        return operator.want({ kind: "create", spec: specOf(action.service) });
      case "scale":
        return change(operator, action.service, { replicas: action.replicas });
      case "update":
        return change(operator, action.service, action.change);
      case "create-file":
        return operator.want({ ...action, kind: action.do, data: base64(action.data) });
      case "remove-file":
        return operator.want({ ...action, kind: action.do });
      case "create-volume":
        return operator.want({ kind: action.do, name: action.name });
      case "configure":
        return operator.want({
          kind: "configure",
          change: (spec) => configured(spec, action.change),
        });
      case "rollback":
        return operator.want({ kind: "rollback", service: action.service });
      case "remove":
        return operator.want({ kind: "remove", service: action.service });
      case "availability":
        return operator.want({
          kind: "availability",
          node: action.nodes,
          to: action.availability,
        });
      case "role":
        return operator.want({ kind: "role", node: action.nodes, to: action.role });
      case "remove-node":
        return operator.want({ kind: "remove-node", node: action.nodes, force: action.force });
      default:
        return unreachable(action);
    }
  }
}

function change(operator: Operator, service: string, plan: Partial<ServicePlan>): void {
  operator.want({ kind: "change", service, change: (spec) => changed(spec, plan) });
}

function base64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}

function linksOf({ from, to, oneWay }: Cut): (readonly [from: number, to: number])[] {
  const there = from.flatMap((left) =>
    to.filter((right) => right !== left).map((right) => [left.number, right.number] as const),
  );
  return oneWay
    ? there
    : there.flatMap(
        ([left, right]) =>
          [
            [left, right],
            [right, left],
          ] as const,
      );
}

function isSameCut(one: Cut, other: Cut): boolean {
  const isSame = (left: readonly Host[], right: readonly Host[]) =>
    left.length === right.length && left.every((host, at) => host === right[at]);
  return one.oneWay === other.oneWay && isSame(one.from, other.from) && isSame(one.to, other.to);
}

function namesOf(hosts: readonly Host[]): string[] {
  return hosts.map((host) => host.name);
}

function names(hosts: readonly Host[]): string {
  return namesOf(hosts).join(" ") || "nobody";
}
