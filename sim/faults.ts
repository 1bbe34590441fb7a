import { unreachable } from "../core/base/assert.ts";
import type { Random } from "../core/base/random.ts";
import type { ServiceSpec } from "../core/model/service.ts";
import type { ContainerConditions } from "./executor.ts";
import type { Host } from "./host.ts";
import type { SimNetwork } from "./network.ts";
import type { Operator } from "./operator.ts";
import { configured } from "./plan.ts";
import type { Action, NetworkConditions, ServicePlan } from "./scenario/dsl.ts";
import { parseSpan, span } from "./scenario/units.ts";
import { type Selectable, select } from "./selectors.ts";
import { changed, specOf } from "./service-spec.ts";

/** Links that were cut together and are mended together. */
export type Cut = readonly (readonly [from: number, to: number])[];

type FaultKind =
  | "partition"
  | "heal"
  | "crash"
  | "restart"
  | "pause"
  | "resume"
  | "corrupt-disk"
  | "skew-clock"
  | "drift-clock"
  | "network"
  | "bad-image"
  | "power-on"
  | "force-new-cluster";

/** What a fault may touch. */
export interface FaultyWorld extends Selectable {
  readonly network: SimNetwork;
  readonly operator: Operator;
  readonly containers: ContainerConditions;
  /** Says what has happened, for the story. */
  tell(kind: "fault" | "heal" | "command", text: string): void;
}

/** Carries out the steps of a scenario, and remembers what must be undone. */
export class Faults {
  readonly #world: FaultyWorld;
  readonly #random: Random;
  #cuts: Cut[] = [];

  constructor(world: FaultyWorld, random: Random) {
    this.#world = world;
    this.#random = random;
  }

  act(action: Action): void {
    switch (action.do) {
      case "partition":
        return this.#partition(action);
      case "heal":
        return this.heal();
      case "crash":
        return this.#each(action.nodes, (host) => this.crash(host));
      case "restart":
        return this.#each(action.nodes, (host) => this.restart(host));
      case "pause":
        return this.#each(action.nodes, (host) => this.pause(host));
      case "resume":
        return this.#each(action.nodes, (host) => this.resume(host));
      case "corrupt-disk":
        return this.#each(action.nodes, (host) => this.corruptDisk(host));
      case "skew-clock":
        return this.#each(action.nodes, (host) => this.skew(host, parseSpan(action.ahead) ?? 0));
      case "drift-clock":
        return this.#each(action.nodes, (host) => host.clock.drift(action.ppm));
      case "network":
        return this.#network(action.conditions);
      case "bad-image":
        this.#world.containers.badImages.set(action.image, span(action.crashesAfter));
        return this.#world.tell("fault", `the image ${action.image} is bad`);
      case "force-new-cluster":
        return this.#each(action.nodes, (host) => this.forceNewCluster(host));
      default:
        return this.#command(action);
    }
  }

  /** Cuts every link from one side to the other; also the way back, unless it is one-way. */
  partition(from: readonly Host[], to: readonly Host[], oneWay: boolean): Cut {
    const cut: [number, number][] = [];
    for (const left of from) {
      for (const right of to) {
        if (left === right) continue;
        cut.push([left.number, right.number]);
        if (!oneWay) cut.push([right.number, left.number]);
      }
    }
    for (const [source, target] of cut) this.#world.network.cut(source, target);
    this.#cuts.push(cut);
    const arrow = oneWay ? "can't send to" : "can't reach";
    this.#world.tell("fault", `partition: ${names(from)} ${arrow} ${names(to)}`);
    return cut;
  }

  /** Ends one partition, if it has not ended yet. */
  mend(cut: Cut): void {
    if (!this.#cuts.includes(cut)) return;
    this.#cuts = this.#cuts.filter((other) => other !== cut);
    for (const [source, target] of cut) this.#world.network.mend(source, target);
    this.#world.tell("heal", "a partition has healed");
  }

  heal(): void {
    if (this.#cuts.length === 0) return;
    for (const cut of this.#cuts.splice(0)) {
      for (const [source, target] of cut) this.#world.network.mend(source, target);
    }
    this.#world.tell("heal", "the network has healed");
  }

  crash(host: Host): void {
    if (host.state === "down" || host.state === "refused") return;
    host.crash();
    this.#world.tell("fault", `${host.name} crashes`);
  }

  restart(host: Host): void {
    if (host.state !== "down") return;
    this.#world.tell("heal", `${host.name} starts again`);
    host.start();
  }

  /** The operator of this machine starts it again, to go on without the other managers. */
  forceNewCluster(host: Host): void {
    if (host.state === "refused") return;
    if (host.state !== "down") host.crash();
    this.#world.tell("heal", `${host.name} starts again to form a new cluster alone`);
    host.start(true);
  }

  pause(host: Host): void {
    if (host.state !== "up") return;
    host.pause();
    this.#world.tell("fault", `${host.name} is paused`);
  }

  resume(host: Host): void {
    if (host.state !== "paused") return;
    this.#world.tell("heal", `${host.name} goes on`);
    host.resume();
  }

  corruptDisk(host: Host): void {
    host.disk.corrupt();
    this.#world.tell("fault", `the disk of ${host.name} loses a bit at its next crash`);
  }

  skew(host: Host, ahead: number): void {
    host.clock.skew(ahead);
    const direction = ahead < 0 ? "behind" : "ahead";
    this.#world.tell(
      "fault",
      `the calendar of ${host.name} is ${Math.abs(ahead) / 1e6} s ${direction}`,
    );
  }

  #each(selector: string, act: (host: Host) => void): void {
    for (const host of select(this.#world, selector, this.#random)) act(host);
  }

  #partition(action: Action & { do: "partition" }): void {
    const from = this.#union(action.from);
    const to =
      action.to === "rest"
        ? this.#world.hosts.filter((host) => !from.includes(host))
        : this.#union(action.to);
    this.partition(from, to, action.oneWay);
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

  #command(action: Exclude<Action, { do: FaultKind }>): void {
    const { operator } = this.#world;
    switch (action.do) {
      case "create":
        return operator.want({ kind: "create", spec: specOf(action.service) });
      case "scale":
        return this.#change(action.service, { replicas: action.replicas });
      case "update":
        return this.#change(action.service, action.change);
      case "create-file":
        return operator.want({ ...action, kind: action.do, data: base64(action.data) });
      case "remove-file":
        return operator.want({ ...action, kind: action.do });
      case "create-volume":
        return operator.want({ kind: action.do, name: action.name });
      case "rotate-root":
        return operator.want({ kind: "rotate-root" });
      case "rotate-join-token":
        return operator.want({ kind: "rotate-join-token", role: action.role });
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
        return this.#each(action.nodes, (host) =>
          operator.want({ kind: "availability", node: host.name, to: action.availability }),
        );
      case "role":
        return this.#each(action.nodes, (host) =>
          operator.want({ kind: "role", node: host.name, to: action.role }),
        );
      case "remove-node":
        return this.#each(action.nodes, (host) =>
          operator.want({ kind: "remove-node", node: host.name, force: action.force }),
        );
      default:
        return unreachable(action);
    }
  }

  #change(service: string, change: Partial<ServicePlan>): void {
    const apply = (spec: ServiceSpec) => changed(spec, change);
    this.#world.operator.want({ kind: "change", service, change: apply });
  }
}

function base64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}

function names(hosts: readonly Host[]): string {
  return hosts.map((host) => host.name).join(" ") || "nobody";
}
