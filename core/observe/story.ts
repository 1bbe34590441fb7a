import { unreachable } from "../base/assert.ts";
import type { StoreObject } from "../model/change.ts";
import type { Cluster } from "../model/cluster.ts";
import type { Node } from "../model/node.ts";
import type { Service, ServiceMode } from "../model/service.ts";
import type { Task } from "../model/task.ts";
import { isTerminal, stateName, TaskState } from "../model/task-state.ts";
import type { EventLine } from "./source.ts";

/** What a person is told of a change. */
export type ChangeWords = Pick<EventLine, "kind" | "text">;

/** What nodes are called. */
export type NameOf = (node: string) => string;

/** The change of one stored object in words; none where nobody would tell it. Not both are null. */
export function storyOf(
  previous: StoreObject | null,
  current: StoreObject | null,
  nameOf: NameOf,
): ChangeWords[] {
  switch ((current ?? previous)?.kind) {
    case "cluster":
      return ofCluster(previous as Cluster | null, current as Cluster | null);
    case "node":
      return ofNode(previous as Node | null, current as Node | null, nameOf);
    case "task":
      return ofTask(previous as Task | null, current as Task | null, nameOf);
    case "service":
      return ofService(previous as Service | null, current as Service | null);
    default:
      return [];
  }
}

function ofCluster(previous: Cluster | null, current: Cluster | null): ChangeWords[] {
  const [from, to] = [previous?.ca ?? null, current?.ca ?? null];
  if (to === null) return [];
  const kind = "node";
  if (from === null) return [{ kind, text: "the cluster has a root for its certificates" }];
  const told: ChangeWords[] = [];
  if (previous !== null && current !== null && previous.level !== current.level) {
    const text = `all nodes speak level ${current.level}: what is new in it may begin`;
    told.push({ kind, text });
  }
  if (from.rotation === null && to.rotation !== null) {
    told.push({ kind, text: "the root is to change" });
  }
  if (from.root.digest !== to.root.digest) {
    told.push({ kind, text: "all have moved to the new root" });
  }
  return told;
}

function ofNode(previous: Node | null, current: Node | null, nameOf: NameOf): ChangeWords[] {
  const kind = "node";
  if (current === null) return [{ kind, text: `${nameOf(previous?.id ?? "")} is removed` }];
  const name = nameOf(current.id);
  if (previous === null) return [{ kind, text: `${name} joins the cluster` }];
  const { status, spec, role } = current;
  const told: ChangeWords[] = [];
  if (previous.status.state !== status.state && status.state !== "unknown") {
    const isBack = previous.status.state === "down";
    const { state, message } = status;
    const text = state === "down" ? `is down: ${message}` : isBack ? "is back" : "is ready";
    told.push({ kind, text: `${name} ${text}` });
  }
  if (previous.role !== role) told.push({ kind, text: `${name} is now a ${role}` });
  if (previous.spec.availability !== spec.availability) {
    told.push({ kind, text: `${name} is set to ${spec.availability}` });
  }
  return told;
}

function ofTask(previous: Task | null, current: Task | null, nameOf: NameOf): ChangeWords[] {
  if (current === null) return [];
  const kind = "task";
  const from = previous?.status.state ?? null;
  const { state, err } = current.status;
  const where = current.nodeId === null ? "no node" : nameOf(current.nodeId);
  if (from !== state && state === TaskState.RUNNING) {
    return [{ kind, text: `${current.name} runs on ${where}` }];
  }
  if (from !== state && isTerminal(state) && state !== TaskState.SHUTDOWN) {
    const why = err === "" ? "" : `: ${err}`;
    return [{ kind, text: `${current.name} on ${where} is ${stateName(state)}${why}` }];
  }
  if (previous !== null && err !== previous.status.err && err !== "") {
    return [{ kind, text: `${current.name} waits: ${err}` }];
  }
  return [];
}

function ofService(previous: Service | null, current: Service | null): ChangeWords[] {
  const kind = "service";
  if (current === null) return [{ kind, text: `${previous?.spec.name} is removed` }];
  const { name, mode, task } = current.spec;
  const { image } = task.container;
  if (previous === null) {
    return [{ kind, text: `${name} is created: ${sizeOf(mode)} x ${image}` }];
  }
  const texts: string[] = [];
  const [from, to] = [sizeOf(previous.spec.mode), sizeOf(mode)];
  if (from !== to) texts.push(`${name} is scaled from ${from} to ${to}`);
  const [before, after] = [previous.updateStatus, current.updateStatus];
  if (after !== null && after.message !== before?.message) texts.push(`${name}: ${after.message}`);
  if (current.job !== null && current.job.iteration !== previous.job?.iteration) {
    texts.push(`${name} is run again with ${image}`);
  } else if (previous.specVersion !== current.specVersion) {
    texts.push(`${name} is updated to ${image}`);
  }
  return texts.map((text) => ({ kind, text }));
}

/** What a person would say of it: `4`, `3 runs, 2 at a time`. */
function sizeOf(mode: ServiceMode): string {
  switch (mode.kind) {
    case "replicated":
      return `${mode.replicas}`;
    case "replicated-job":
      return `${mode.totalCompletions} runs, ${mode.maxConcurrent} at a time`;
    case "global":
      return "one on each node";
    case "global-job":
      return "one run on each node";
    default:
      return unreachable(mode);
  }
}
