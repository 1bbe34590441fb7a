import type { Cluster } from "../core/model/cluster.ts";
import type { Node } from "../core/model/node.ts";
import type { Service } from "../core/model/service.ts";
import type { Task } from "../core/model/task.ts";
import { isTerminal, stateName, TaskState } from "../core/model/task-state.ts";
import type { NodeEvent } from "../core/node/event.ts";
import type { Commit } from "./history.ts";
import type { Host } from "./host.ts";
import type { Kernel } from "./kernel.ts";
import type { PartialObserver } from "./observer.ts";
import type { StoryLine } from "./result.ts";
import { sizeOf } from "./wanted.ts";

/** Tells a run as a story: elections, nodes lost and found, tasks lost and replaced, services. */
export class Narrator implements PartialObserver {
  readonly #kernel: Kernel;
  readonly #tell: (line: StoryLine) => void;

  constructor(kernel: Kernel, tell: (line: StoryLine) => void) {
    this.#kernel = kernel;
    this.#tell = tell;
  }

  say(kind: StoryLine["kind"], text: string): void {
    this.#tell({ at: this.#kernel.now / 1e6, kind, text });
  }

  happened(host: Host, event: NodeEvent): void {
    if (event.kind === "manager-started") {
      this.say("election", `${host.name} leads term ${event.term}`);
    } else if (event.kind === "manager-stopped") {
      this.say("election", `${host.name} no longer leads; it is in term ${event.term}`);
    } else if (event.kind === "role" && event.role === "candidate") {
      this.say("election", `${host.name} stands for election in term ${event.term}`);
    } else if (event.kind === "forced") {
      this.say("election", `${host.name} goes on alone, in incarnation ${event.incarnation}`);
    } else if (event.kind === "force-refused") {
      this.say("fault", `${host.name}: ${event.reason}`);
    } else if (event.kind === "certificate-refused") {
      this.say("node", `${host.name} gets no certificate: ${event.reason}`);
    }
  }

  refused(host: Host, reason: string): void {
    this.say("fault", `${host.name} refuses to start: ${reason}`);
  }

  committed(commit: Commit): void {
    for (const { previous, current } of commit.events) {
      const object = current ?? previous;
      if (object?.kind === "cluster") this.#cluster(previous as Cluster | null, object);
      if (object?.kind === "node") this.#node(previous as Node | null, current as Node | null);
      if (object?.kind === "task") this.#task(previous as Task | null, current as Task | null);
      if (object?.kind === "service") {
        this.#service(previous as Service | null, current as Service | null);
      }
    }
  }

  #cluster(previous: Cluster | null, current: Cluster): void {
    if (previous !== null && previous.level !== current.level) {
      this.say("node", `all nodes speak level ${current.level}: what is new in it may begin`);
    }
    const [from, to] = [previous?.ca ?? null, current.ca];
    if (to === null) return;
    if (from === null) return this.say("node", "the cluster has a root for its certificates");
    if (from.rotation === null && to.rotation !== null) this.say("node", "the root is to change");
    if (from.root.digest !== to.root.digest) this.say("node", "all have moved to the new root");
  }

  #node(previous: Node | null, current: Node | null): void {
    if (current === null) return this.say("node", `${previous?.id} is removed`);
    const { status, spec, id } = current;
    if (previous === null) this.say("node", `${id} joins the cluster`);
    else if (previous.status.state !== status.state && status.state !== "unknown") {
      const isBack = previous.status.state === "down";
      const text = status.state === "down" ? "is down" : isBack ? "is back" : "is ready";
      this.say("node", `${id} ${text}`);
    }
    if (previous !== null && previous.role !== current.role) {
      this.say("node", `${id} is now a ${current.role}`);
    }
    if (previous !== null && previous.spec.availability !== spec.availability) {
      this.say("node", `${id} is set to ${spec.availability}`);
    }
  }

  #task(previous: Task | null, current: Task | null): void {
    if (current === null) return;
    const from = previous?.status.state ?? null;
    const { state, err } = current.status;
    const where = current.nodeId ?? "no node";
    if (from !== state && state === TaskState.RUNNING) {
      this.say("task", `${current.name} runs on ${where}`);
    } else if (from !== state && isTerminal(state) && state !== TaskState.SHUTDOWN) {
      const why = err === "" ? "" : `: ${err}`;
      this.say("task", `${current.name} on ${where} is ${stateName(state)}${why}`);
    } else if (previous !== null && current.status.err !== previous.status.err && err !== "") {
      this.say("task", `${current.name} waits: ${err}`);
    }
  }

  #service(previous: Service | null, current: Service | null): void {
    if (current === null) return this.say("service", `${previous?.spec.name} is removed`);
    const { name, mode, task } = current.spec;
    if (previous === null) {
      return this.say("service", `${name} is created: ${sizeOf(mode)} x ${task.container.image}`);
    }
    const was = previous.spec;
    const [from, to] = [sizeOf(was.mode), sizeOf(mode)];
    if (from !== to) this.say("service", `${name} is scaled from ${from} to ${to}`);
    const [before, after] = [previous.updateStatus, current.updateStatus];
    if (after !== null && after.message !== before?.message) {
      this.say("service", `${name}: ${after.message}`);
    }
    if (current.job !== null && current.job.iteration !== previous.job?.iteration) {
      this.say("service", `${name} is run again with ${task.container.image}`);
    } else if (previous.specVersion !== current.specVersion) {
      this.say("service", `${name} is updated to ${task.container.image}`);
    }
  }
}
