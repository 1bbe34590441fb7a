import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Random } from "../../core/base/random.ts";
import { removeTasks } from "../../real/daemon/remove-tasks.ts";
import { StateDir } from "../../real/daemon/state-dir.ts";
import { isAtRest, SlowDisk, VolatileDisk } from "../support/disks.ts";
import type { Machines } from "../support/machines.ts";
import type { RealNode } from "../support/real-cluster.ts";

/** What may happen to a process; a loss of power needs root. */
export const stops = ["kill", "pause", "power"] as const;
/** What a network or a disk may be like for a while; all of it needs root. */
export const troubles = [
  ...(["cut", "deaf", "mute", "reset", "slow-link"] as const),
  ...(["slow-disk", "full-disk"] as const),
] as const;

export type Fault = (typeof stops)[number] | (typeof troubles)[number];

/** From the begin of a round to a fault, and how long that lasts. */
const beginsWithinMs = 1_500;
const lastsMostMs = 1_500;
/** One in five lasts up to that: nodes are called down, and their tasks moved. */
const longMostMs = 25_000;
const resetEveryMs = 100;
const slowBitsPerSecond = 400_000;
const writesPerSecond = 5;
const diskMegabytes = 96;
/** As in deploy/swarmd.service. */
const startsAgainAfterMs = 1_000;

/** What a round does to the nodes of a cluster. */
export class Faults {
  readonly #random: Random;
  readonly #kinds: ReadonlySet<string>;
  readonly #machines: Machines | null;
  readonly #disks = new Map<string, VolatileDisk>();
  /** Nodes whose disk is full, or was in this round. */
  readonly #full = new Set<string>();
  /** What must not happen, and did. */
  readonly #troubles: string[] = [];

  /** `machines` is null where there are only kills and pauses. */
  constructor(random: Random, kinds: readonly Fault[], machines: Machines | null) {
    this.#random = random;
    this.#kinds = new Set(kinds);
    this.#machines = machines;
  }

  /** Before a node of this name is there: its disk will be one whose power can be cut. */
  prepare(folder: string, name: string): void {
    if (this.#machines !== null) {
      this.#disks.set(name, new VolatileDisk(join(folder, name), diskMegabytes));
    }
  }

  /** From now on whoever ends by itself is started again, as by systemd. */
  watch(node: RealNode): void {
    void node.exited().then(async (code) => {
      await pause(startsAgainAfterMs);
      if (!node.hasEndedByItself) return;
      const isForRoom = code === 1 && this.#full.has(node.name);
      if (!isForRoom) this.#troubles.push(`${node.name} has ended by itself, with code ${code}`);
      this.#start(node);
    });
  }

  /** Resolves when all is as it was, and every process runs; says what has happened to whom. */
  async befall(nodes: readonly RealNode[]): Promise<string> {
    this.#full.clear();
    const told = await Promise.all(nodes.map((node) => this.#befallOne(node)));
    return told.join(", ");
  }

  /** Throws an error when a node has ended that had no reason to. */
  check(): void {
    if (this.#troubles.length > 0) throw new Error(this.#troubles.join("; "));
  }

  remove(): void {
    for (const disk of this.#disks.values()) disk.remove();
  }

  async #befallOne(node: RealNode): Promise<string> {
    const own = [this.#drawn(troubles, 600_000), this.#drawn(stops, 800_000)];
    const drawn = own.filter((fault) => fault !== null);
    const fault = drawn.length > 0 ? drawn : [this.#random.pick([...this.#kinds] as Fault[])];
    await Promise.all(fault.map((kind) => this.#happen(kind, node)));
    return `${node.name} ${fault.join("+")}`;
  }

  #drawn(of: readonly Fault[], perMillion: number): Fault | null {
    const kinds = of.filter((kind) => this.#kinds.has(kind));
    return kinds.length > 0 && this.#random.chance(perMillion) ? this.#random.pick(kinds) : null;
  }

  async #happen(fault: Fault, node: RealNode): Promise<void> {
    const lasts = this.#random.below(this.#random.chance(200_000) ? longMostMs : lastsMostMs);
    await pause(this.#random.below(beginsWithinMs));
    const machines = this.#machines as Machines;
    const { name } = node;
    switch (fault) {
      case "kill":
        return this.#kill(node, lasts);
      case "power":
        return this.#losePower(node, lasts);
      case "pause":
        node.signal("SIGSTOP");
        await pause(lasts);
        return node.signal("SIGCONT");
      case "cut":
        machines.cut(name);
        await pause(lasts);
        return machines.heal(name);
      case "deaf":
        return this.#throttle(name, ["to"], 0, lasts);
      case "mute":
        return this.#throttle(name, ["from"], 0, lasts);
      case "reset":
        return this.#reset(name, lasts);
      case "slow-link":
        return this.#throttle(name, ["to", "from"], slowBitsPerSecond, lasts);
      case "slow-disk":
        return this.#slowDisk(node, lasts);
      case "full-disk":
        return this.#fillDisk(name, lasts);
    }
  }

  /** Some are killed a second time while they start. */
  async #kill(node: RealNode, lasts: number): Promise<void> {
    await node.end("SIGKILL");
    await pause(lasts);
    this.#start(node);
    if (!this.#random.chance(300_000)) return;
    await pause(this.#random.below(beginsWithinMs));
    await node.end("SIGKILL");
    this.#start(node);
  }

  /** Its tasks are lost too, and whatever was not synced. */
  async #losePower(node: RealNode, lasts: number): Promise<void> {
    const disk = this.#disks.get(node.name) as VolatileDisk;
    node.signal("SIGSTOP");
    while (node.isRunning && !isAtRest(node.pid)) await pause(1);
    const kept = disk.keep();
    await node.end("SIGKILL");
    await removeTasks(new StateDir(node.folder));
    disk.goBack(kept);
    await pause(lasts);
    this.#start(node);
  }

  async #throttle(name: string, ways: readonly ("to" | "from")[], rate: number, lasts: number) {
    const machines = this.#machines as Machines;
    for (const way of ways) machines.throttle(name, way, rate);
    await pause(lasts);
    for (const way of ways) machines.unthrottle(name, way);
  }

  /** Connections are killed under the daemon as soon as it has opened them. */
  async #reset(name: string, lasts: number): Promise<void> {
    for (const end = performance.now() + lasts; performance.now() < end; ) {
      (this.#machines as Machines).reset(name);
      await pause(resetEveryMs);
    }
  }

  async #slowDisk(node: RealNode, lasts: number): Promise<void> {
    if (!node.isRunning) return;
    const slow = new SlowDisk(node.folder, writesPerSecond);
    slow.slow(node.pid);
    await pause(lasts);
    slow.remove();
  }

  async #fillDisk(name: string, lasts: number): Promise<void> {
    this.#full.add(name);
    const disk = this.#disks.get(name) as VolatileDisk;
    disk.fill();
    await pause(lasts);
    disk.empty();
  }

  #start(node: RealNode): void {
    node.start();
    this.watch(node);
  }
}
