import { gathered } from "../../core/base/gather.ts";
import { levelOf, newestLevel } from "../../core/model/level.ts";
import type { Task } from "../../core/model/task.ts";
import type { NodeEvent } from "../../core/node/event.ts";
import type { NodeMessage } from "../../core/node/message.ts";
import { storeEntry } from "../../core/node/payload.ts";
import type { Entry } from "../../core/raft/message.ts";
import type { Commit } from "../world/history.ts";
import type { Host } from "../world/host.ts";
import { BrokenInvariant, type CheckedWorld, type Checker } from "./checker.ts";

/**
 * Where versions are mixed, no node is sent or handed what its own cannot read; the cluster's level
 * is raised only once all of its nodes speak it, and is never lowered.
 */
export class LevelsAreSpoken implements Checker {
  readonly name = "levels-are-spoken";
  readonly source = "CockroachDB: a cluster version is finalized once every node runs it";
  checks = 0;
  readonly #world: CheckedWorld;
  /** By host number, as of its last start. */
  readonly #levels: number[];
  /** Of what runs, or ran last. While it is the newest there is nothing that is too new. */
  #lowest: number;

  constructor(world: CheckedWorld) {
    this.#world = world;
    this.#levels = world.hosts.map(spokenBy);
    this.#lowest = this.#levels.reduce((low, level) => Math.min(low, level), newestLevel);
  }

  recovered(host: Host): void {
    const level = spokenBy(host);
    if (level === this.#levels[host.number]) return;
    this.#levels[host.number] = level;
    this.#lowest = this.#levels.reduce((low, each) => Math.min(low, each), newestLevel);
  }

  sent(from: Host, to: string, message: NodeMessage): void {
    if (this.#lowest === newestLevel) return;
    const receiver = this.#world.named.get(to);
    if (receiver === undefined) return;
    this.checks += 1;
    const level = levelOfMessage(message);
    if (level > spokenBy(receiver)) {
      this.#break(from, `sends ${to} what is of level ${level}, which it does not speak`);
    }
  }

  happened(host: Host, event: NodeEvent): void {
    if (event.kind !== "restored" || this.#lowest === newestLevel) return;
    this.checks += 1;
    const { objects } = event.snapshot;
    if (objects.some((object) => levelOf(object) > spokenBy(host))) {
      this.#break(host, "takes a snapshot that it can't read");
    }
  }

  committed({ clusters, host }: Commit): void {
    for (const { previous, current } of clusters) {
      if (previous === null || current === null) continue;
      const [before, after] = [previous.level, current.level];
      if (before === after) continue;
      this.checks += 1;
      if (after < before) this.#break(host, `the level goes back from ${before} to ${after}`);
      const behind = [...this.#world.history.view.nodes.values()].find(
        ({ description }) => description.level < after,
      );
      if (behind !== undefined) {
        this.#break(host, `the level is raised to ${after}, which ${behind.id} does not speak`);
      }
    }
  }

  #break(host: Host, detail: string): never {
    throw new BrokenInvariant(this.name, host.name, detail);
  }
}

/** What runs there, or ran last: a version that is older than that does not start. */
function spokenBy({ config, disk }: Host): number {
  return Math.max(config.description.level, disk.level);
}

function levelOfMessage(message: NodeMessage): number {
  if (message.kind === "raft" && message.message.kind === "append") {
    return highest(message.message.entries, levelOfEntry);
  }
  if (message.kind === "dispatcher" && message.message.kind === "assignments") {
    const { tasks, overlays } = message.message;
    return overlays.length > 0 ? 4 : highest<Task>(tasks, levelOf);
  }
  return 1;
}

function levelOfEntry(entry: Entry): number {
  const changes = gathered(storeEntry(entry)?.transactions ?? [], (each) => each.changes);
  return highest(changes, (change) => (change.kind === "remove" ? 1 : levelOf(change.object)));
}

function highest<T>(items: readonly T[], level: (item: T) => number): number {
  return items.reduce((most, item) => Math.max(most, level(item)), 1);
}
