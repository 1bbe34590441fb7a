import type { Node } from "../../core/model/node.ts";
import type { Task } from "../../core/model/task.ts";
import type { Member } from "../../core/node/member.ts";
import type { Kernel } from "../kernel.ts";
import type { Commit, History } from "../world/history.ts";
import type { Host } from "../world/host.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";
import { ingressBackends, overlaysOf, servesPeers } from "./serving.ts";
import { SteadyLeader } from "./steady-leader.ts";

const second = 1_000_000;
/** A node that hears a working leader all the while has this long, be messages lost or not. */
const leastPatience = 30 * second;
/** Or this many heartbeats, as it may take two or three until it finds that it hears nobody. */
const beats = 6;
/** A node that is not seen at work for this long has had a break. */
const longestBreak = 10 * second;
/** What no node has led to for this many times that, none ever will. */
const rememberedFor = 4;

/** A node's session with one leader, seen step by step. */
interface Listener {
  readonly leader: string;
  readonly since: number;
  seenAt: number;
}

/** A way in which connections get to a task. */
interface Way {
  readonly name: string;
  readonly source: string;
  /** False: the task has none of this sort, now or ever. */
  readonly isOf: (task: Task) => boolean;
  /** Whether it is to lead there. */
  readonly serves: (task: Task, node: Node | undefined) => boolean;
  /** Whether it leads there on this machine. */
  readonly leads: (host: Host, task: string) => boolean;
}

/** By the ports that services publish on every node. */
export const routes: Way = {
  name: "routes-follow-tasks",
  source: "moby libnetwork: a task's endpoint leaves its service's load balancer",
  isOf: ({ ports }) => ports.length > 0,
  serves: (task, node) => ingressBackends(task, node).length > 0,
  leads: ({ ingress }, task) => ingress.leadsTo(task),
};

/** By the names that its peers in an overlay know. */
export const names: Way = {
  name: "names-follow-tasks",
  source: "moby libnetwork: a task's address leaves the records of its service's name",
  isOf: (task) => overlaysOf(task).length > 0,
  serves: servesPeers,
  leads: ({ overlay }, task) => overlay.leadsTo(task),
};

/**
 * No node goes on leading connections to a task that has ended, or is to: the ways there follow
 * the store as long as it hears the leader.
 */
export class WaysFollowTasks implements Checker {
  readonly name: string;
  readonly source: string;
  checks = 0;
  readonly #way: Way;
  readonly #kernel: Kernel;
  readonly #history: History;
  readonly #leader = new SteadyLeader();
  /** The last leader seen, and since when it has worked without a break. */
  #leads: { readonly name: string; readonly since: number } | null = null;
  readonly #listeners = new Map<number, Listener>();
  #patience = leastPatience;
  /** Since when a task that had such ways serves no more. */
  readonly #ceased = new Map<string, number>();

  constructor(way: Way, kernel: Kernel, history: History) {
    this.name = way.name;
    this.source = way.source;
    this.#way = way;
    this.#kernel = kernel;
    this.#history = history;
  }

  committed({ clusters, nodes, tasks }: Commit): void {
    const { view } = this.#history;
    for (const { current } of clusters) {
      const period = current?.spec.heartbeatPeriod ?? 0;
      this.#patience = Math.max(this.#patience, beats * period);
    }
    for (const { id } of nodes) {
      for (const task of view.tasksOnNode(id).values()) this.#look(task);
    }
    for (const { id, previous } of tasks) {
      if (previous !== null) this.#look(view.tasks.get(id) ?? previous);
    }
    const { now } = this.#kernel;
    for (const [task, since] of this.#ceased) {
      if (now - since > rememberedFor * this.#patience) this.#ceased.delete(task);
    }
  }

  leading(host: Host, member: Member): void {
    if (this.#ceased.size === 0) return;
    const since = this.#leader.sinceStep(host, member.raft, this.#kernel.now);
    this.#leads = { name: host.name, since };
  }

  atWork(host: Host): void {
    if (this.#ceased.size === 0) return;
    const { now } = this.#kernel;
    const listener = this.#listens(host, now);
    if (listener === null || listener.leader !== this.#leads?.name) return;
    this.checks += 1;
    const hears = Math.max(listener.since, this.#leads.since);
    for (const [task, since] of this.#ceased) {
      if (now - Math.max(since, hears) <= this.#patience || !this.#way.leads(host, task)) continue;
      const detail = `still leads to task ${task}, which serves no more since ${since / second} s`;
      throw new BrokenInvariant(this.name, host.name, detail);
    }
  }

  #listens(host: Host, now: number): Listener | null {
    const leader = host.node?.agent.leader ?? null;
    const before = this.#listeners.get(host.number);
    if (leader === null) {
      this.#listeners.delete(host.number);
      return null;
    }
    if (before?.leader === leader && now - before.seenAt <= longestBreak) {
      before.seenAt = now;
      return before;
    }
    const listener = { leader, since: now, seenAt: now };
    this.#listeners.set(host.number, listener);
    return listener;
  }

  #look(task: Task): void {
    const { view } = this.#history;
    if (!this.#way.isOf(task)) return;
    const serves = this.#way.serves(task, view.nodes.get(task.nodeId ?? ""));
    if (serves && view.tasks.has(task.id)) this.#ceased.delete(task.id);
    else if (task.runningSince !== null && !this.#ceased.has(task.id)) {
      this.#ceased.set(task.id, this.#kernel.now);
    }
  }
}
