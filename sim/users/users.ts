import type { Random } from "../../core/base/random.ts";
import { isJob, type Service } from "../../core/model/service.ts";
import type { FaultBudget } from "../faults/fault-budget.ts";
import type { Faults } from "../faults/faults.ts";
import { certLives } from "../scenario/chaos-words.ts";
import type { Command } from "../scenario/dsl.ts";
import type { PortPlan } from "../scenario/service-words.ts";
import type { Span } from "../scenario/units.ts";
import type { History } from "../world/history.ts";
import type { Host } from "../world/host.ts";
import { isRegister } from "./clients.ts";
import {
  drawChange,
  drawConstraints,
  drawPlatforms,
  drawService,
  type Surroundings,
} from "./drawn-service.ts";
import { drawRareSettings, drawSettings } from "./drawn-settings.ts";
import { type Operator, replicasMost } from "./operator.ts";

/** Who waits for so many answers asks for nothing more. */
const openMost = 3;
/** No more machines than this are drained, paused or removed at a time; fewer are removed. */
const awayMost = 2;
const removedMost = 1;
const fileNames = ["alpha", "beta", "gamma"] as const;
const networkNames = ["front", "back"] as const;
const chosenSubnets = ["10.20.0.0/24", "10.20.0.128/25", "10.21.0.0/24"] as const;
/** Values of a label that users give nodes. */
const tiers = ["gold", "silver"] as const;
const volumeNames = ["data", "logs"] as const;

export interface UsersWorld {
  readonly hosts: readonly Host[];
  readonly history: History;
  readonly budget: FaultBudget;
  /** All who give commands. */
  readonly operators: readonly Operator[];
}

export interface UsersPlan {
  /** Services of the scenario: they are scaled and deployed, and otherwise stay as they are. */
  readonly kept: readonly string[];
  /** Most services of their own that users have at a time; with none they leave much alone. */
  readonly creates: number;
  /** Whether they also do what few ever do. */
  readonly everything: boolean;
  /** Whether they also remove single tasks. */
  readonly upkeep: boolean;
  /** Whether they also do what is odd. */
  readonly odd: boolean;
  /** Whether they are also particular about platforms, addresses and labels. */
  readonly particular: boolean;
}

/** New tasks may mount the volume. */
function usable(name: string): Command {
  return { do: "volume-availability", name, availability: "active" };
}

type UserAction =
  | Command
  | { readonly do: "bad-image"; readonly image: string; readonly crashesAfter: Span };

/**
 * What users do on any day, drawn at random. They see what is listed just now and go by it. Much
 * of what they ask for is refused all the same, or has been overtaken by what another one did.
 */
export class Users {
  readonly #world: UsersWorld;
  readonly #faults: Faults;
  readonly #plan: UsersPlan;
  readonly #random: Random;
  readonly #actions: readonly (() => readonly UserAction[])[];
  /** Machines that are drained or paused, and those that are removed, as users know it. */
  readonly #away = new Set<string>();
  readonly #removed = new Set<string>();
  readonly #badImages = new Set<string>();
  #created = 0;

  constructor(world: UsersWorld, faults: Faults, plan: UsersPlan, random: Random) {
    this.#world = world;
    this.#faults = faults;
    this.#plan = plan;
    this.#random = random;
    const simple = [
      () => this.#scale(),
      () => this.#scale(),
      () => this.#deploy(),
      () => this.#rollBack(),
      () => this.#maintain(),
      () => this.#changeRole(),
      () => this.#secure(),
    ];
    const full = [
      () => this.#create(),
      () => this.#create(),
      () => this.#change(),
      () => this.#change(),
      () => this.#change(),
      () => this.#remove(),
      () => this.#files(),
      () => this.#networks(),
      () => this.#configure(),
      () => this.#rebalance(),
      () => this.#removeNode(),
    ];
    const rare = [
      () => this.#label(),
      () => this.#volumes(),
      () => this.#chosenNetwork(),
      () => this.#emptied(),
      () => this.#authorities(),
    ];
    const own = plan.creates > 0 ? full : [];
    const upkeep = plan.upkeep ? [() => this.#removeTask(), () => this.#removeTask()] : [];
    const odd = plan.odd
      ? [() => this.#volume(), () => this.#labelFile(), () => this.#ports(), () => this.#ownRoot()]
      : [];
    const particular = plan.particular
      ? [
          () => this.#particular(drawPlatforms),
          () => this.#particular(drawConstraints),
          () => this.#rangedNetwork(),
          () => this.#labelVolume(),
        ]
      : [];
    const more = [...upkeep, ...odd, ...particular];
    this.#actions = [...simple, ...own, ...(plan.everything ? rare : []), ...more];
  }

  /** One of them does something, or nothing while it waits for the answers to what it did. */
  act(): void {
    const { operators } = this.#world;
    const by = this.#random.between(1, operators.length);
    if ((operators[by - 1]?.open ?? 0) >= openMost) return;
    for (const action of this.#random.pick(this.#actions)()) {
      this.#faults.act(action.do === "bad-image" ? action : { ...action, by });
    }
  }

  /** Images that no cluster could run are put right, and volumes may be mounted again. */
  finish(): void {
    if (this.#plan.odd) for (const name of volumeNames) this.#faults.act(usable(name));
    for (const image of this.#badImages) this.#faults.act({ do: "good-image", image });
  }

  #scale(): UserAction[] {
    const service = this.#service()?.spec.name;
    if (service === undefined) return [];
    return [{ do: "scale", service, replicas: this.#random.between(1, replicasMost) }];
  }

  /** Another image; of a service that users have made themselves, perhaps a bad one. */
  #deploy(): UserAction[] {
    const service = this.#service();
    if (service === undefined) return [];
    const { name } = service.spec;
    const image = `${name}:${this.#random.between(2, 9)}`;
    const update: UserAction = { do: "update", service: name, change: { image } };
    if (!this.#isOwn(service) || !this.#percent(25)) return [update];
    this.#badImages.add(image);
    return [{ do: "bad-image", image, crashesAfter: `${this.#random.below(8)}s` }, update];
  }

  #rollBack(): UserAction[] {
    const service = this.#service()?.spec.name;
    return service === undefined ? [] : [{ do: "rollback", service }];
  }

  #create(): UserAction[] {
    const own = this.#own();
    if (own.length >= this.#plan.creates) return [];
    this.#created += 1;
    const name = `user-${this.#created}`;
    return [{ do: "create", service: drawService(this.#random, this.#surroundings(), name) }];
  }

  #change(): UserAction[] {
    const own = this.#own();
    if (own.length === 0) return [];
    const { spec } = this.#random.pick(own);
    const around = this.#surroundings();
    const change = drawChange(this.#random, around, spec.name, isJob(spec));
    return [{ do: "update", service: spec.name, change }];
  }

  #remove(): UserAction[] {
    const own = this.#own();
    return own.length === 0 ? [] : [{ do: "remove", service: this.#random.pick(own).spec.name }];
  }

  /** Of what is listed: one that runs, waits, or has ended. */
  #removeTask(): UserAction[] {
    const found = this.#service();
    if (found === undefined) return [];
    const tasks = [...this.#world.history.view.tasksOfService(found.id).values()];
    if (tasks.length === 0) return [];
    const { slot, nodeId } = this.#random.pick(tasks);
    const { name: service } = found.spec;
    const attempt = this.#percent(70) ? "newest" : "oldest";
    if (slot > 0) return [{ do: "remove-task", service, slot, attempt }];
    return nodeId === null ? [] : [{ do: "remove-task-on", service, nodes: nodeId, attempt }];
  }

  #files(): UserAction[] {
    const table = this.#random.pick(["secret", "config"] as const);
    const name = this.#random.pick(fileNames);
    if (this.#percent(30)) return [{ do: "remove-file", table, name }];
    return [{ do: "create-file", table, name, data: `${name} ${this.#random.u32()}` }];
  }

  #networks(): UserAction[] {
    const name = this.#random.pick(networkNames);
    if (this.#percent(30)) return [{ do: "remove-network", name }];
    return [{ do: "create-network", name, driver: this.#percent(80) ? "overlay" : "bridge" }];
  }

  /** Tokens, roots, locks and how long certificates are good. */
  #secure(): UserAction[] {
    const change = this.#percent(50)
      ? { certExpiry: this.#random.pick(certLives) }
      : { autoLock: this.#percent(50) };
    return [
      this.#random.pick<Command>([
        { do: "rotate-root" },
        { do: "rotate-join-token", role: "worker" },
        { do: "rotate-join-token", role: "manager" },
        { do: "rotate-unlock-key" },
        { do: "configure", change },
      ]),
    ];
  }

  /** Of a node, in the place of those that it had. */
  #label(): UserAction[] {
    const { name: nodes } = this.#random.pick(this.#world.hosts);
    const labels = this.#percent(20) ? {} : { tier: this.#random.pick(tiers) };
    return [{ do: "label", nodes, labels }];
  }

  #volumes(): UserAction[] {
    const name = this.#random.pick(volumeNames);
    return [{ do: this.#percent(25) ? "remove-volume" : "create-volume", name }];
  }

  /** Kept from new tasks, most often for a short time. */
  #volume(): UserAction[] {
    const name = this.#random.pick(volumeNames);
    const availability = this.#percent(50) ? "pause" : "drain";
    const kept: UserAction = { do: "volume-availability", name, availability };
    return this.#percent(30) ? [kept] : [kept, usable(name)];
  }

  #labelFile(): UserAction[] {
    const table = this.#random.pick(["secret", "config"] as const);
    const labels = { tier: this.#random.pick(tiers) };
    return [{ do: "label-file", table, name: this.#random.pick(fileNames), labels }];
  }

  /** Several that are alike, and perhaps one whose number the cluster may have chosen for them. */
  #ports(): UserAction[] {
    const own = this.#own().filter(({ spec }) => !isJob(spec));
    if (own.length === 0) return [];
    const { spec } = this.#random.pick(own);
    const ports: PortPlan[] = Array.from({ length: this.#random.between(1, 3) }, () => ({
      target: 81,
    }));
    if (this.#percent(50))
      ports.push({ target: 82, published: this.#random.between(30000, 30004) });
    return [{ do: "update", service: spec.name, change: { ports } }];
  }

  /** Another way to be for a service of their own. */
  #particular(draw: typeof drawPlatforms): UserAction[] {
    const own = this.#own();
    if (own.length === 0) return [];
    const { name: service } = this.#random.pick(own).spec;
    const machines = this.#world.hosts.map(({ config }) => config.description);
    return [{ do: "update", service, change: draw(this.#random, machines) }];
  }

  /** Its tasks get a quarter of its addresses, which may begin with the gateway's. */
  #rangedNetwork(): UserAction[] {
    const name = "ranged";
    if (this.#percent(40)) return [{ do: "remove-network", name }];
    const range = this.#random.pick(["10.30.0.0/26", "10.30.0.64/26", "10.30.0.192/26"]);
    const gateway = this.#random.pick(["10.30.0.1", "10.30.0.64", "10.30.0.254"]);
    const labels = { tier: this.#random.pick(tiers) };
    const plan = { driver: "overlay", subnet: "10.30.0.0/24", range, gateway, labels } as const;
    return [{ do: "create-network", name, ...plan }];
  }

  #labelVolume(): UserAction[] {
    const labels = this.#percent(20) ? {} : { tier: this.#random.pick(tiers) };
    return [{ do: "label-volume", name: this.#random.pick(volumeNames), labels }];
  }

  #ownRoot(): UserAction[] {
    return [{ do: "rotate-root", to: "own" }];
  }

  /** Some of these overlap. */
  #chosenNetwork(): UserAction[] {
    const subnet = this.#random.pick(chosenSubnets);
    return [{ do: "create-network", name: "chosen", driver: "overlay", subnet }];
  }

  #emptied(): UserAction[] {
    const service = this.#service()?.spec.name;
    return service === undefined ? [] : [{ do: "scale", service, replicas: 0 }];
  }

  /** Who signs certificates, and whose root is the cluster's. */
  #authorities(): UserAction[] {
    if (this.#percent(30)) return [{ do: "rotate-root", to: "outside" }];
    return [{ do: "configure", change: drawRareSettings(this.#random) }];
  }

  #rebalance(): UserAction[] {
    const service = this.#service()?.spec.name;
    return service === undefined ? [] : [{ do: "rebalance", service }];
  }

  #configure(): UserAction[] {
    return [{ do: "configure", change: drawSettings(this.#random) }];
  }

  /** Most machines go back to work soon; those of a cluster that must be small at once. */
  #maintain(): UserAction[] {
    const nodes = this.#random.pick(this.#world.hosts).name;
    if (this.#away.has(nodes)) {
      this.#away.delete(nodes);
      return [{ do: "availability", nodes, availability: "active" }];
    }
    const availability = this.#percent(30) ? "pause" : "drain";
    const leaves: UserAction = { do: "availability", nodes, availability };
    const isShort = this.#plan.creates === 0 || this.#percent(50) || !this.#maySpare();
    if (isShort) return [leaves, { do: "availability", nodes, availability: "active" }];
    this.#away.add(nodes);
    return [leaves];
  }

  #changeRole(): UserAction[] {
    const host = this.#random.pick(this.#world.hosts);
    if (host.isManager && !this.#world.budget.mayDemote(host)) return [];
    return [{ do: "role", nodes: host.name, role: host.isManager ? "worker" : "manager" }];
  }

  /** It never comes back under its name. */
  #removeNode(): UserAction[] {
    if (this.#removed.size >= removedMost || !this.#maySpare()) return [];
    const host = this.#random.pick(this.#world.hosts);
    if (host.isManager || this.#away.has(host.name)) return [];
    this.#removed.add(host.name);
    return [{ do: "remove-node", nodes: host.name, force: this.#percent(70) }];
  }

  #maySpare(): boolean {
    return this.#away.size + this.#removed.size < awayMost;
  }

  /** Any service that users may scale and deploy. */
  #service(): Service | undefined {
    const { services } = this.#world.history.view;
    const known = [...services.values()].filter(
      (service) => this.#isOwn(service) || this.#plan.kept.includes(service.spec.name),
    );
    return known.length === 0 ? undefined : this.#random.pick(known);
  }

  #own(): Service[] {
    return [...this.#world.history.view.services.values()].filter((each) => this.#isOwn(each));
  }

  #isOwn({ spec }: Service): boolean {
    return spec.name.startsWith("user-");
  }

  #surroundings(): Surroundings {
    const machines = this.#world.hosts.map(({ config }) => config.description);
    const { view } = this.#world.history;
    const names = [...view.services.values()].map(({ spec }) => spec.name);
    const services = names.filter((name) => !isRegister(name));
    const networks = [...view.networks.values()].map(({ spec }) => spec.name);
    const known = { machines, services, secrets: fileNames, configs: fileNames, networks };
    const volumes = [...view.volumes.values()].map(({ spec }) => spec.name);
    const neighbours = this.#own().map(({ spec }) => spec.name);
    return { ...known, rare: this.#plan.everything ? { volumes, neighbours, tiers } : null };
  }

  #percent(share: number): boolean {
    return this.#random.chance(share * 10_000);
  }
}
