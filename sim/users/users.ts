import { gathered } from "../../core/base/gather.ts";
import type { Random } from "../../core/base/random.ts";
import type { NodeDescription } from "../../core/model/node.ts";
import { isJob, type Service } from "../../core/model/service.ts";
import type { FaultBudget } from "../faults/fault-budget.ts";
import type { Faults } from "../faults/faults.ts";
import type { Chaos, Command } from "../scenario/dsl.ts";
import type { Span } from "../scenario/units.ts";
import type { History } from "../world/history.ts";
import type { Host } from "../world/host.ts";
import { isRegister } from "./clients.ts";
import {
  about,
  drawAuthorities,
  drawChosenNetwork,
  drawFile,
  drawFileLabels,
  drawHost,
  drawKeptVolume,
  drawNetwork,
  drawPorts,
  drawRangedNetwork,
  drawRole,
  drawSecurity,
  drawVolume,
  drawVolumeLabels,
  fileNames,
  percent,
  tiers,
  usable,
  volumeNames,
} from "./drawn-commands.ts";
import {
  drawChange,
  drawConstraints,
  drawPlatforms,
  drawService,
  type Surroundings,
} from "./drawn-service.ts";
import { drawSettings } from "./drawn-settings.ts";
import {
  drawFileRotation,
  drawMaintenance,
  drawNetworkChange,
  drawRenewal,
  drawRoles,
  drawUpheaval,
  drawWavering,
} from "./hasty.ts";
import { type Operator, replicasMost } from "./operator.ts";
import { scarceDraws } from "./scarce.ts";

/** A user who waits for this many answers asks for nothing more. */
const openMost = 3;
/** No more machines than this are drained, paused or removed at a time; fewer are removed. */
const awayMost = 2;
const removedMost = 1;

export interface UsersWorld {
  readonly hosts: readonly Host[];
  readonly history: History;
  readonly budget: FaultBudget;
  /** All who give commands. */
  readonly operators: readonly Operator[];
}

/** What they may do, besides what all do, by the words of a scenario. */
export interface UsersPlan extends Omit<NonNullable<Chaos["commands"]>, "every" | "users"> {
  /** Most services of their own that users have at a time; with none they leave much alone. */
  readonly creates: number;
  /** Services of the scenario: they are scaled and deployed, and otherwise stay as they are. */
  readonly kept: readonly string[];
}

type UserAction =
  | Command
  | { readonly do: "bad-image"; readonly image: string; readonly crashesAfter: Span };

type Draw = () => readonly UserAction[];

/**
 * What users do on any day, drawn at random. They see what is listed just now and go by it. Much
 * of what they ask for is refused all the same, or has been overtaken by what another one did.
 */
export class Users {
  readonly #world: UsersWorld;
  readonly #faults: Faults;
  readonly #plan: UsersPlan;
  readonly #random: Random;
  readonly #actions: readonly Draw[];
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
    this.#actions = gathered(this.#draws(), ([isDone, draws]) => (isDone ? draws : []));
  }

  /** What they may do, and whether they do it; what stands there twice is done twice as often. */
  #draws(): readonly (readonly [boolean | undefined, readonly Draw[]])[] {
    const [plan, random] = [this.#plan, this.#random];
    const simple: readonly Draw[] = [
      () => this.#scale(),
      () => this.#scale(),
      () => this.#deploy(),
      () => this.#rollBack(),
      () => this.#maintain(),
      () => this.#changeRole(drawRole),
      () => [drawSecurity(random)],
    ];
    const own: readonly Draw[] = [
      () => this.#create(),
      () => this.#create(),
      () => this.#change(),
      () => this.#change(),
      () => this.#change(),
      () => this.#remove(),
      () => [drawFile(random)],
      () => [drawNetwork(random)],
      () => [{ do: "configure", change: drawSettings(random) }],
      () => this.#rebalance(),
      () => this.#removeNode(),
    ];
    const rare: readonly Draw[] = [
      () => this.#label(),
      () => [drawVolume(random)],
      () => [drawChosenNetwork(random)],
      () => this.#emptied(),
      () => [drawAuthorities(random)],
    ];
    const odd: readonly Draw[] = [
      () => drawKeptVolume(random),
      () => [drawFileLabels(random)],
      () => this.#ports(),
      () => [{ do: "rotate-root", to: "own" }],
    ];
    const particular: readonly Draw[] = [
      () => this.#particular(drawPlatforms),
      () => this.#particular(drawConstraints),
      () => [drawRangedNetwork(random)],
      () => [drawVolumeLabels(random)],
    ];
    const around = () => this.#surroundings();
    return [
      [true, simple],
      [plan.creates > 0, own],
      [plan.everything, rare],
      [plan.upkeep, [() => this.#removeTask(), () => this.#removeTask()]],
      [plan.odd, odd],
      [plan.particular, particular],
      [plan.hasty, this.#hastily()],
      [plan.scarce, scarceDraws(random, () => this.#ownOne(), around)],
    ];
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

  /**
   * Images that no cluster could run are put right, and volumes may be mounted again: by whoever
   * still waits for answers, and may have asked for something else before.
   */
  finish(): void {
    if (this.#plan.odd) {
      for (const [at, { isIdle }] of this.#world.operators.entries()) {
        if (at > 0 && isIdle) continue;
        for (const name of volumeNames) this.#faults.act({ ...usable(name), by: at + 1 });
      }
    }
    for (const image of this.#badImages) this.#faults.act({ do: "good-image", image });
  }

  #scale(): readonly UserAction[] {
    return about(this.#service(), ({ spec }) => {
      const replicas = this.#random.between(1, replicasMost);
      return [{ do: "scale", service: spec.name, replicas }];
    });
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

  #rollBack(): readonly UserAction[] {
    return about(this.#service(), ({ spec }) => [{ do: "rollback", service: spec.name }]);
  }

  #create(): UserAction[] {
    if (this.#own().length >= this.#plan.creates) return [];
    this.#created += 1;
    const name = `user-${this.#created}`;
    return [{ do: "create", service: drawService(this.#random, this.#surroundings(), name) }];
  }

  #change(): readonly UserAction[] {
    return about(this.#ownOne(), ({ spec }) => {
      const change = drawChange(this.#random, this.#surroundings(), spec.name, isJob(spec));
      return [{ do: "update", service: spec.name, change }];
    });
  }

  #remove(): readonly UserAction[] {
    return about(this.#ownOne(), ({ spec }) => [{ do: "remove", service: spec.name }]);
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

  /** Of a node, in place of those that it had. */
  #label(): UserAction[] {
    const { name: nodes } = drawHost(this.#random, this.#world.hosts);
    const labels = this.#percent(20) ? {} : { tier: this.#random.pick(tiers) };
    return [{ do: "label", nodes, labels }];
  }

  #ports(): UserAction[] {
    const own = this.#own().filter(({ spec }) => !isJob(spec));
    if (own.length === 0) return [];
    const { spec } = this.#random.pick(own);
    return [{ do: "update", service: spec.name, change: { ports: drawPorts(this.#random) } }];
  }

  #hastily(): Draw[] {
    const random = this.#random;
    const wavering = () =>
      about(this.#service(), (found) =>
        drawWavering(random, this.#surroundings(), found, this.#isOwn(found)),
      );
    return [
      wavering,
      wavering,
      wavering,
      () => about(this.#ownOne(), (found) => drawRenewal(random, this.#surroundings(), found)),
      () => about(this.#ownOne(), (found) => drawFileRotation(random, found)),
      () => about(this.#ownOne(), (found) => drawNetworkChange(random, found)),
      () => this.#maintainTwice(),
      () => this.#changeRole(drawRoles),
      () => this.#removeManager(),
      () => drawUpheaval(random),
    ];
  }

  /** Another way to be for a service of their own. */
  #particular(draw: typeof drawPlatforms): readonly UserAction[] {
    return about(this.#ownOne(), ({ spec }) => {
      const change = draw(this.#random, this.#machines());
      return [{ do: "update", service: spec.name, change }];
    });
  }

  #emptied(): readonly UserAction[] {
    return about(this.#service(), ({ spec }) => [{ do: "scale", service: spec.name, replicas: 0 }]);
  }

  #rebalance(): readonly UserAction[] {
    return about(this.#service(), ({ spec }) => [{ do: "rebalance", service: spec.name }]);
  }

  /** Most machines go back to work soon; those of a cluster that must be small at once. */
  #maintain(): UserAction[] {
    const nodes = drawHost(this.#random, this.#world.hosts).name;
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

  /** In the end the machine is at work. */
  #maintainTwice(): UserAction[] {
    const { name } = drawHost(this.#random, this.#world.hosts);
    this.#away.delete(name);
    return drawMaintenance(this.#random, name);
  }

  #changeRole(draw: typeof drawRole): UserAction[] {
    const host = drawHost(this.#random, this.#world.hosts);
    if (host.isManager && !this.#world.budget.mayDemote(host)) return [];
    return draw(this.#random, host);
  }

  /** It is not asked whether it has become a worker by then. */
  #removeManager(): UserAction[] {
    const host = this.#dispensable();
    if (!host?.isManager || !this.#world.budget.mayDemote(host)) return [];
    return [...drawRole(this.#random, host), this.#removal(host)];
  }

  #removeNode(): UserAction[] {
    const host = this.#dispensable();
    return host === null || host.isManager ? [] : [this.#removal(host)];
  }

  /** A machine that may be removed; null: none, or none just now. */
  #dispensable(): Host | null {
    if (this.#removed.size >= removedMost || !this.#maySpare()) return null;
    const host = drawHost(this.#random, this.#world.hosts);
    return this.#away.has(host.name) ? null : host;
  }

  /** It never comes back under its name. */
  #removal({ name: nodes }: Host): UserAction {
    this.#removed.add(nodes);
    return { do: "remove-node", nodes, force: this.#percent(70) };
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

  #ownOne(): Service | undefined {
    return this.#own().length === 0 ? undefined : this.#random.pick(this.#own());
  }

  #isOwn({ spec }: Service): boolean {
    return spec.name.startsWith("user-");
  }

  #machines(): NodeDescription[] {
    return this.#world.hosts.map(({ config }) => config.description);
  }

  #surroundings(): Surroundings {
    const machines = this.#machines();
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
    return percent(this.#random, share);
  }
}
