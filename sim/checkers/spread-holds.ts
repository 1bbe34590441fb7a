import { found } from "../../core/base/gather.ts";
import { minutes } from "../../core/base/time.ts";
import type { Node } from "../../core/model/node.ts";
import type { Task } from "../../core/model/task.ts";
import { isTerminal, isWanted, TaskState } from "../../core/model/task-state.ts";
import type { EventOf } from "../../core/store/event.ts";
import type { Commit, History } from "../world/history.ts";
import { Before } from "./before.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";
import { isAssignment, takesRoom } from "./placement.ts";
import { labelOn } from "./suitability.ts";
import { isPlaceFor } from "./waiting-has-a-reason.ts";

/** In a cluster of more nodes it would take too long to look at all for each task. */
const nodesMost = 16;
/** A spec that has failed so often on a node within this time goes to others first. */
const failuresMost = 5;
const failureWindow = minutes(5);

interface Failure {
  readonly at: number;
  readonly nodeId: string;
  readonly spec: string;
}

/**
 * Of the nodes that would take a task it is given one where its spec has not failed again and
 * again, and of these one with the fewest tasks of its service, then of all services. Where it is
 * to be spread over the values of labels, first comes the value that has the fewest of its service.
 *
 * Left out is what goes by more than that: tasks that mount volumes of the cluster, go for or avoid
 * others, are packed or moved, or for which room may be cleared.
 */
export class SpreadHolds implements Checker {
  readonly name = "spread-holds";
  readonly source = "SwarmKit scheduler: nodeLess, decisionTree";
  checks = 0;
  readonly #history: History;
  #failures: Failure[] = [];

  constructor(history: History) {
    this.#history = history;
  }

  committed(commit: Commit): void {
    const { view } = this.#history;
    if (commit.tasks.some(isAssignment) && !commit.isForced && view.nodes.size <= nodesMost) {
      this.#look(commit);
    }
    if (commit.isForced) this.#failures = [];
    for (const event of commit.tasks) {
      const failure = failureIn(event, view.time);
      if (failure !== null) this.#failures.push(failure);
    }
    this.#failures = this.#failures.filter(({ at }) => view.time - at < failureWindow);
  }

  #look(commit: Commit): void {
    const { view } = this.#history;
    const before = Before.of(view, commit);
    const { cluster } = before;
    if (cluster?.spec.preemption === true || commit.tasks.some(isMoveBegun)) return;
    const turn = new Turn(before, view.nodes.keys());
    for (const event of commit.tasks) {
      if (!isAssignment(event)) continue;
      const task = event.current as Task;
      const strategy = task.spec.placement.strategy ?? cluster?.spec.strategy ?? "spread";
      const isChosen = event.previous?.nodeId === null && strategy === "spread";
      if (isChosen && !asksForMore(task)) this.#check(commit, task, turn);
      turn.place(task);
    }
  }

  #check({ host }: Commit, task: Task, turn: Turn): void {
    this.checks += 1;
    const { view } = this.#history;
    const chosen = turn.nodes.find(({ id }) => id === task.nodeId);
    if (chosen === undefined) return;
    const better = turn.nodes.find((node) => {
      return (
        this.#isBefore(node, chosen, task, turn) && isPlaceFor(view, node, turn.on(node), task)
      );
    });
    if (better === undefined) return;
    const detail = `${task.name} is given to ${chosen.id}, though ${better.id} comes first`;
    throw new BrokenInvariant(this.name, host.name, detail);
  }

  /** Whether the task goes to this node sooner than to the other one. */
  #isBefore(node: Node, other: Node, task: Task, turn: Turn): boolean {
    const labels = task.spec.placement.preferences;
    const apart = labels.findIndex((key) => labelOn(node, key) !== labelOn(other, key));
    if (apart >= 0) {
      const level = labels.slice(0, apart + 1);
      return turn.ownBeside(node, level, task) < turn.ownBeside(other, level, task);
    }
    const [fails, otherFails] = [this.#fails(node, task), this.#fails(other, task)];
    if (fails || otherFails) return !fails;
    const own = turn.own(node, task) - turn.own(other, task);
    return (own || turn.active(node) - turn.active(other)) < 0;
  }

  #fails({ id }: Node, task: Task): boolean {
    const spec = specOf(task);
    const here = this.#failures.filter((each) => each.nodeId === id && each.spec === spec);
    return here.length >= failuresMost;
  }
}

/** What an entry was decided against, and what it has placed so far. */
class Turn {
  readonly nodes: readonly Node[];
  readonly #before: Before;
  /** The tasks that take room, by node. */
  readonly #there = new Map<string, Task[]>();

  constructor(before: Before, ids: Iterable<string>) {
    this.#before = before;
    this.nodes = found([...ids], (id) => before.node(id) ?? null);
  }

  on({ id }: Pick<Node, "id">): readonly Task[] {
    return this.#on(id);
  }

  place(task: Task): void {
    this.#on(task.nodeId as string).push(task);
  }

  active(node: Node): number {
    return this.on(node).filter(isActive).length;
  }

  own(node: Node, { serviceId }: Task): number {
    return this.on(node).filter((each) => each.serviceId === serviceId && isActive(each)).length;
  }

  /** The tasks of its service on all nodes that have what this one has of the labels. */
  ownBeside(node: Node, labels: readonly string[], task: Task): number {
    const alike = this.nodes.filter((each) =>
      labels.every((key) => labelOn(each, key) === labelOn(node, key)),
    );
    return alike.reduce((sum, each) => sum + this.own(each, task), 0);
  }

  #on(id: string): Task[] {
    const known = this.#there.get(id) ?? this.#before.tasksOnNode(id).filter(takesRoom);
    this.#there.set(id, known);
    return known;
  }
}

function isActive({ desiredState }: Task): boolean {
  return isWanted(desiredState);
}

function asksForMore({ spec: { placement, container } }: Task): boolean {
  const { affinity, antiAffinity, maxReplicas } = placement;
  if (affinity.length > 0 || antiAffinity.length > 0 || maxReplicas > 0) return true;
  return container.mounts.some(({ kind }) => kind === "cluster");
}

function isMoveBegun({ previous, current }: EventOf<Task>): boolean {
  return previous === null && current?.isMove === true;
}

/** That of a task which had been placed; what is lost with its node has not failed. */
function failureIn({ previous, current }: EventOf<Task>, at: number): Failure | null {
  if (previous === null || current === null || isTerminal(previous.status.state)) return null;
  const { status, nodeId, slot } = current;
  const { FAILED, REJECTED } = TaskState;
  if (status.state !== FAILED && status.state !== REJECTED) return null;
  if (status.isLost === true || nodeId === null || slot === 0) return null;
  return { at, nodeId, spec: specOf(current) };
}

function specOf({ serviceId, specVersion }: Task): string {
  return `${serviceId} ${specVersion}`;
}
