import { isEqual } from "../../core/base/equal.ts";
import { newestLevel } from "../../core/model/level.ts";
import type { NodeDescription } from "../../core/model/node.ts";
import type { Damage } from "../ports/platter.ts";
import type { DiskPlan } from "../scenario/dsl.ts";
import type { MachineParts, Meddling, NodeFault } from "../scenario/fault-words.ts";
import type { History } from "../world/history.ts";
import type { Host } from "../world/host.ts";
import { isVoter } from "../world/memberships.ts";
import { asOfLevel, refitted } from "../world/plan.ts";
import { changeDisk } from "./conditions.ts";
import { conditionsText } from "./conditions-text.ts";

/** What is needed of the world for what happens to single machines. */
export interface NodeFaultWorld {
  readonly history: History;
  /** The hosts by name. */
  readonly named: ReadonlyMap<string, Host>;
  tell(kind: "fault" | "heal", text: string): void;
}

/** Does to machines what faults do; what makes no sense in a machine's state does nothing. */
export class NodeFaults {
  /** What needs no more words. */
  readonly plain: Readonly<Record<NodeFault, (host: Host) => void>> = {
    crash: (host) => {
      if (!isOn(host)) return;
      host.crash();
      this.#fault(`${host.name} crashes`);
    },
    kill: (host) => {
      if (!isOn(host)) return;
      host.kill();
      this.#fault(`the daemon of ${host.name} is killed`);
    },
    restart: (host) => this.#restart(host),
    pause: (host) => {
      if (host.state !== "up") return;
      host.pause();
      this.#fault(`${host.name} is paused`);
    },
    freeze: (host) => {
      if (host.state !== "up") return;
      host.clock.stop();
      host.pause();
      this.#fault(`${host.name} is stopped with its clocks`);
    },
    resume: (host) => {
      if (host.state !== "paused") return;
      this.#heal(`${host.name} goes on`);
      host.resume();
    },
    "fail-sync": ({ name, disk }) => {
      disk.conditions.failsNext = true;
      this.#fault(`the disk of ${name} fails at its next sync`);
    },
    "fill-disk": ({ name, disk }) => {
      disk.conditions.isFull = true;
      this.#fault(`the disk of ${name} is full`);
    },
    "free-disk": (host) => this.#freeDisk(host),
    "corrupt-disk": (host) => this.#damage(host, "bit"),
    "misdirect-write": (host) => this.#damage(host, "misdirected"),
    "corrupt-read": (host) => this.#damage(host, "read"),
    "wipe-disk": (host) => {
      host.loseDisk();
      this.#fault(`the disk of ${host.name} loses everything at its next crash`);
    },
    leave: (host) => {
      if (host.hasLeft || host.isUnborn) return;
      host.leave();
      this.#fault(`${host.name} leaves the cluster without a word`);
    },
    "hang-daemon": ({ name, executor }) => {
      executor.hang();
      this.#fault(`what runs the containers of ${name} hangs`);
    },
    "free-daemon": (host) => this.#freeDaemon(host),
    "force-new-cluster": (host) => {
      if (host.state === "refused") return;
      if (host.state !== "down") host.crash();
      this.#heal(`${host.name} starts again to form a new cluster alone`);
      host.start(true);
    },
    "back-up": (host) => {
      if (host.state !== "up" || !isVoter(host)) return;
      host.backUp();
      this.#heal(`${host.name} is backed up`);
    },
    "restore-backup": (host) => {
      if (host.backup === null) return;
      if (isOn(host)) host.crash();
      host.restore();
      this.#heal(`${host.name} is made of its backup, and forms a new cluster alone`);
      host.start();
    },
    upgrade: (host) => this.#install(host, newestLevel),
    downgrade: (host) => this.#install(host, 1),
  };
  readonly #world: NodeFaultWorld;
  /** Machines that were given other parts, as the topology has them. */
  readonly #asPlanned = new Map<Host, NodeDescription>();

  constructor(world: NodeFaultWorld) {
    this.#world = world;
  }

  changeDisk({ name, disk }: Host, conditions: DiskPlan): void {
    changeDisk(disk.conditions, conditions);
    this.#fault(`the disk of ${name} ${conditionsText(conditions)}`);
  }

  /** From now on its disk does what it is asked, and what runs its containers answers. */
  repair(host: Host): void {
    if (host.isTooOld) host.install(host.disk.level);
    this.#freeDisk(host);
    host.disk.repair();
    this.#freeDaemon(host);
  }

  skew(host: Host, ahead: number): void {
    host.clock.skew(ahead);
    if (ahead === 0) return this.#heal(`the calendar of ${host.name} is right`);
    const direction = ahead < 0 ? "behind" : "ahead";
    this.#fault(`the calendar of ${host.name} is ${Math.abs(ahead) / 1e6} s ${direction}`);
  }

  drift(host: Host, ppm: number): void {
    host.clock.drift(ppm);
    const pace = ppm < 0 ? "slow" : "fast";
    this.#fault(`the clock of ${host.name} runs ${Math.abs(ppm)} millionths ${pace}`);
  }

  jump(host: Host, ahead: number): void {
    host.clock.jump(ahead);
    this.#fault(`the clocks of ${host.name} leap ${ahead / 1e6} s ahead`);
  }

  /** An engine that hangs does not do it. */
  meddle(host: Host, deed: Meddling): void {
    const task = host.isOff ? null : host.executor.meddle(deed, isOn(host));
    if (task === null) return;
    const name = this.#world.history.view.tasks.get(task)?.name ?? task;
    this.#fault(`somebody ${deed}s the container of ${name} on ${host.name}`);
  }

  refit(host: Host, parts: MachineParts): void {
    const { description } = host.config;
    const planned = this.#asPlanned.get(host) ?? description;
    this.#asPlanned.set(host, planned);
    const next = refitted(asOfLevel(description.level, planned), parts);
    if (isEqual(next, description)) return;
    const isAsPlanned = Object.keys(parts).length === 0;
    const what = isAsPlanned ? "all that it had at first" : partsText(parts);
    const isAlike = isEqual(next.genericResources, description.genericResources);
    const isSeen = host.state === "up" && isAlike;
    this.#change(host, `comes to have ${what}`, () => host.refit(next), isSeen);
  }

  /** One whose disk is empty joins anew, unless the cluster still counts on it as a manager. */
  #restart(host: Host): void {
    if (isOn(host) || host.hasLeft || host.isUnborn) return;
    const counted = this.#world.history.view.nodes.get(host.name)?.raftId ?? null;
    if (host.isWiped && counted !== null) return;
    const isNew = host.previous !== null && host.signer.held.certificate === null;
    if (host.isWiped || isNew) this.#introduce(host);
    this.#heal(`${host.name} starts again`);
    host.start();
  }

  /** Its user names a manager of today where it knows of none that still is one. */
  #introduce(host: Host): void {
    const managers = [...this.#world.history.view.nodes.values()].filter(
      ({ id, raftId }) => raftId !== null && id !== host.name,
    );
    const names = managers.map(({ id }) => id);
    const isThere = (name: string) => names.includes(name) && !this.#world.named.get(name)?.hasLeft;
    if (names.length === 0 || host.config.managers.some(isThere)) return;
    host.config = { ...host.config, managers: names };
  }

  /** Another version is installed; where one runs, it is started again with that. */
  #install(host: Host, level: number): void {
    if (host.config.description.level === level) return;
    this.#change(host, `gets the version of level ${level}`, () => host.install(level));
  }

  /**
   * It is started again where it runs, or does not start as it is; unless it is `seen` while it
   * runs.
   */
  #change(host: Host, what: string, change: () => void, seen = false): void {
    const isToRun = !seen && host.state !== "down";
    if (isToRun && isOn(host)) host.kill();
    change();
    this.#fault(`${host.name} ${what}`);
    if (isToRun) this.#restart(host);
  }

  #damage(host: Host, damage: Damage): void {
    host.disk.damage(damage);
    this.#fault(`the disk of ${host.name} ${damages[damage]} at its next crash`);
  }

  #freeDisk({ name, disk }: Host): void {
    if (!disk.conditions.isFull) return;
    disk.conditions.isFull = false;
    this.#heal(`there is room on the disk of ${name}`);
  }

  #freeDaemon({ name, executor }: Host): void {
    if (!executor.isHung) return;
    this.#heal(`what runs the containers of ${name} answers again`);
    executor.free();
  }

  #fault(text: string): void {
    this.#world.tell("fault", text);
  }

  #heal(text: string): void {
    this.#world.tell("heal", text);
  }
}

const damages: Readonly<Record<Damage, string>> = {
  bit: "loses a bit",
  misdirected: "has a write in the wrong place",
  read: "is read wrong once",
};

/** Such as `cpus 2, generic {"gpu":1}`. */
function partsText(parts: MachineParts): string {
  const text = (part: unknown): string =>
    typeof part === "object" ? JSON.stringify(part) : String(part);
  return Object.entries(parts)
    .map(([name, part]) => `${name} ${text(part)}`)
    .join(", ");
}

function isOn(host: Host): boolean {
  return host.state === "up" || host.state === "paused";
}
