import { nodeOfMember } from "../../core/model/standing.ts";
import type { Task } from "../../core/model/task.ts";
import type { NodeMessage } from "../../core/node/message.ts";
import { EventKind, type SimEvent } from "../kernel.ts";
import type { Packet } from "../ports/network.ts";
import type { StoryLine } from "../result.ts";
import type { Commit } from "../world/history.ts";
import type { Host } from "../world/host.ts";
import type { Watcher } from "../world/watch.ts";
import type { World } from "../world/world.ts";
import { Labels } from "./message-label.ts";
import { Partitions } from "./partitions.ts";
import type {
  Outage,
  RecordedMessages,
  RecordedService,
  RecordedTask,
  RoleSpan,
  RunRecord,
  Samples,
} from "./run-record.ts";

/** What is followed: a cluster's world, or one of a user's own machines. */
export interface RecordedWorld extends Pick<World, "hosts" | "network" | "kernel"> {
  readonly availability: Pick<World["availability"], "report">;
  readonly history: Pick<World["history"], "view">;
}

/** Follows a run and writes down, span by span, all that a picture of it needs. */
export class SpanRecorder implements Watcher {
  readonly #world: RecordedWorld;
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #labels = new Labels();
  readonly #messages: RecordedMessages;
  /** The row of each message that was sent, and whether it has arrived before. */
  readonly #rows = new WeakMap<NodeMessage, { readonly row: number; arrived: boolean }>();
  readonly #partitions: Partitions;
  readonly #roles: RoleSpan[] = [];
  readonly #outages: Outage[] = [];
  /** What goes on at each node at the moment. */
  readonly #role: (RoleSpan | null)[];
  readonly #outage: (Outage | null)[];
  readonly #samples: Samples = { at: [], node: [], commit: [], applied: [], last: [] };
  /** The newest row of `#samples` for each node. */
  readonly #sampled: (number | null)[];
  readonly #tasks = new Map<string, RecordedTask>();
  readonly #services = new Map<string, RecordedService>();
  readonly #story: StoryLine[] = [];
  #countsChanged = false;

  constructor(world: RecordedWorld) {
    const { hosts, network } = world;
    this.#world = world;
    this.#numbers = new Map(hosts.map(({ name, number }) => [name, number]));
    const { labels } = this.#labels;
    this.#messages = { sentAt: [], arrivedAt: [], from: [], to: [], label: [], labels };
    this.#partitions = new Partitions(network, hosts.length);
    this.#role = hosts.map(() => null);
    this.#outage = hosts.map(() => null);
    this.#sampled = hosts.map(() => null);
  }

  /** All that has been seen. Once, at the end. */
  record(): RunRecord {
    const { hosts, kernel } = this.#world;
    const end = kernel.now;
    for (const host of hosts) this.#look(host);
    this.#countServices();
    for (const span of [...this.#role, ...this.#outage]) if (span !== null) span.to = end;
    const tasks = [...this.#tasks.values()];
    for (const { runs } of tasks) {
      const last = runs.at(-1);
      if (last !== undefined && last.to < 0) last.to = end;
    }
    return {
      nodes: hosts.map(({ name }) => ({ name })),
      roles: this.#roles,
      outages: this.#outages,
      partitions: this.#partitions.all(end),
      messages: this.#messages,
      samples: this.#samples,
      tasks,
      services: [...this.#services.values()],
      story: this.#story,
      end,
    };
  }

  told(line: StoryLine): void {
    this.#story.push(line);
  }

  sent(host: Host, to: string, message: NodeMessage): void {
    const number = this.#numbers.get(to);
    if (number === undefined) return;
    const label = this.#labels.numberOf(message);
    const row = this.#addMessage(this.#world.kernel.now, host.number, number, label);
    this.#rows.set(message, { row, arrived: false });
  }

  handled(event: SimEvent): void {
    if (event.kind === EventKind.DELIVER) this.#arrived(event.subject as Packet, event.time);
    if (event.kind === EventKind.STEP || event.kind === EventKind.FAULT) {
      this.#partitions.look(event.time);
      for (const host of this.#world.hosts) this.#look(host);
    }
    if (this.#countsChanged) this.#countServices();
  }

  stepped(host: Host): void {
    this.#look(host);
    const { raft } = host;
    if (raft === null) return;
    const { samples, row } = { samples: this.#samples, row: this.#sampled[host.number] ?? -1 };
    const { commit, applied, lastIndex } = raft;
    const isSame =
      samples.last[row] === lastIndex &&
      samples.commit[row] === commit &&
      samples.applied[row] === applied;
    if (isSame) return;
    this.#sampled[host.number] = samples.at.length;
    samples.at.push(this.#world.kernel.now);
    samples.node.push(host.number);
    samples.commit.push(commit);
    samples.applied.push(applied);
    samples.last.push(lastIndex);
  }

  crashed(host: Host): void {
    this.#look(host);
  }

  committed(commit: Commit): void {
    for (const { previous, current } of commit.events) {
      const object = current ?? previous;
      if (object?.kind === "task") this.#changed(object, current === null);
    }
    this.#countsChanged = true;
  }

  started(_host: number, task: string): void {
    this.#tasks.get(task)?.runs.push({ from: this.#world.kernel.now, to: -1 });
    this.#countsChanged = true;
  }

  ended(_host: number, task: string): void {
    const run = this.#tasks.get(task)?.runs.at(-1);
    if (run !== undefined && run.to < 0) run.to = this.#world.kernel.now;
    this.#countsChanged = true;
  }

  healthy(): void {
    this.#countsChanged = true;
  }

  unhealthy(): void {
    this.#countsChanged = true;
  }

  #addMessage(sentAt: number, from: number, to: number, label: number): number {
    const messages = this.#messages;
    messages.sentAt.push(sentAt);
    messages.arrivedAt.push(-1);
    messages.from.push(from);
    messages.to.push(to);
    messages.label.push(label);
    return messages.sentAt.length - 1;
  }

  #arrived({ from, to, message }: Packet, now: number): void {
    const known = this.#rows.get(message);
    if (known === undefined) return;
    const { sentAt, label, arrivedAt } = this.#messages;
    const again = () =>
      this.#addMessage(sentAt[known.row] as number, from, to, label[known.row] as number);
    const row = known.arrived ? again() : known.row;
    known.arrived = true;
    arrivedAt[row] = now;
  }

  /** Follows a node's state and its part in Raft. */
  #look(host: Host): void {
    this.#lookAtState(host);
    const { number, raft } = host;
    const span = this.#role[number] ?? null;
    const role = host.state === "down" ? null : (raft?.role ?? null);
    const leader = raft?.leader ?? null;
    const name = leader === null ? null : nodeOfMember(leader);
    const isSame = span?.role === role && span?.term === raft?.term && span?.leader === name;
    if (isSame || (span === null && role === null)) return;
    const now = this.#world.kernel.now;
    if (span !== null) span.to = now;
    const next =
      role === null || raft === null
        ? null
        : { node: number, from: now, to: now, role, term: raft.term, leader: name };
    this.#role[number] = next;
    if (next !== null) this.#roles.push(next);
  }

  #lookAtState({ number, state }: Host): void {
    const outage = this.#outage[number] ?? null;
    if ((outage?.state ?? "up") === state) return;
    const now = this.#world.kernel.now;
    if (outage !== null) outage.to = now;
    const next = state === "up" ? null : { node: number, from: now, to: now, state };
    this.#outage[number] = next;
    if (next !== null) this.#outages.push(next);
  }

  #changed(task: Task, isRemoved: boolean): void {
    const now = this.#world.kernel.now;
    const { state, err } = task.status;
    const record = this.#tasks.get(task.id) ?? this.#newTask(task);
    const last = record.states.at(-1);
    if (last?.state !== state || last.err !== err) record.states.push({ at: now, state, err });
    record.node = this.#numbers.get(task.nodeId ?? "") ?? record.node;
    if (isRemoved) record.removedAt = now;
  }

  #newTask({ id, name, serviceId }: Task): RecordedTask {
    const service = this.#world.history.view.services.get(serviceId)?.spec.name ?? serviceId;
    const task: RecordedTask = {
      ...{ id, name, service },
      ...{ node: null, states: [], runs: [], removedAt: null },
    };
    this.#tasks.set(id, task);
    return task;
  }

  #countServices(): void {
    this.#countsChanged = false;
    const at = this.#world.kernel.now;
    for (const [name, { wanted, running }] of Object.entries(this.#world.availability.report())) {
      const service = this.#services.get(name) ?? { name, points: [] };
      this.#services.set(name, service);
      const last = service.points.at(-1);
      if (last?.wanted === wanted && last.running === running) continue;
      service.points.push({ at, wanted, running });
    }
  }
}
