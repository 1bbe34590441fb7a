import type { Damage } from "../ports/platter.ts";
import type { History } from "../world/history.ts";
import type { Host } from "../world/host.ts";

/** What is needed of the world for what happens to single machines. */
export interface NodeFaultWorld {
  readonly history: History;
  tell(kind: "fault" | "heal", text: string): void;
}

/** Does to machines what faults do; what makes no sense in a machine's state does nothing. */
export class NodeFaults {
  readonly #world: NodeFaultWorld;

  constructor(world: NodeFaultWorld) {
    this.#world = world;
  }

  crash(host: Host): void {
    if (!isOn(host)) return;
    host.crash();
    this.#fault(`${host.name} crashes`);
  }

  kill(host: Host): void {
    if (!isOn(host)) return;
    host.kill();
    this.#fault(`the daemon of ${host.name} is killed`);
  }

  /** One whose disk is empty joins anew, unless the cluster still counts on it as a manager. */
  restart(host: Host): void {
    if (isOn(host)) return;
    const counted = this.#world.history.view.nodes.get(host.name)?.raftId ?? null;
    if (host.isWiped && counted !== null) return;
    this.#heal(`${host.name} starts again`);
    host.start();
  }

  /** The operator of this machine starts it again, to go on without the other managers. */
  forceNewCluster(host: Host): void {
    if (host.state === "refused") return;
    if (host.state !== "down") host.crash();
    this.#heal(`${host.name} starts again to form a new cluster alone`);
    host.start(true);
  }

  /** Another version is installed; where one runs, it is started again with that. */
  install(host: Host, level: number): void {
    if (host.config.description.level === level) return;
    const isToRun = host.state !== "down";
    if (isOn(host)) host.kill();
    host.install(level);
    this.#fault(`${host.name} gets the version of level ${level}`);
    if (isToRun) this.restart(host);
  }

  pause(host: Host): void {
    if (host.state !== "up") return;
    host.pause();
    this.#fault(`${host.name} is paused`);
  }

  resume(host: Host): void {
    if (host.state !== "paused") return;
    this.#heal(`${host.name} goes on`);
    host.resume();
  }

  damage(host: Host, damage: Damage): void {
    host.disk.damage(damage);
    this.#fault(`the disk of ${host.name} ${damages[damage]} at its next crash`);
  }

  wipe(host: Host): void {
    host.loseDisk();
    this.#fault(`the disk of ${host.name} loses everything at its next crash`);
  }

  failSync(host: Host): void {
    host.disk.conditions.failsNext = true;
    this.#fault(`the disk of ${host.name} fails at its next sync`);
  }

  fillDisk(host: Host): void {
    host.disk.conditions.isFull = true;
    this.#fault(`the disk of ${host.name} is full`);
  }

  freeDisk(host: Host): void {
    if (!host.disk.conditions.isFull) return;
    host.disk.conditions.isFull = false;
    this.#heal(`there is room on the disk of ${host.name}`);
  }

  /** From now on its disk does what it is asked, and what runs its containers answers. */
  repair(host: Host): void {
    if (host.isTooOld) host.install(host.disk.level);
    this.freeDisk(host);
    host.disk.repair();
    this.freeDaemon(host);
  }

  skew(host: Host, ahead: number): void {
    host.clock.skew(ahead);
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

  hangDaemon(host: Host): void {
    host.executor.hang();
    this.#fault(`what runs the containers of ${host.name} hangs`);
  }

  freeDaemon(host: Host): void {
    if (!host.executor.isHung) return;
    this.#heal(`what runs the containers of ${host.name} answers again`);
    host.executor.free();
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

function isOn(host: Host): boolean {
  return host.state === "up" || host.state === "paused";
}
