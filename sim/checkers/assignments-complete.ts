import type { DispatcherMessage } from "../../core/dispatch/message.ts";
import { TaskState } from "../../core/model/task-state.ts";
import type { NodeMessage } from "../../core/node/message.ts";
import type { Host } from "../host.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";

type Assignments = DispatcherMessage & { readonly kind: "assignments" };

/** What a leader has told one node in one session. */
interface Told {
  readonly session: string;
  sequence: number;
  /** The desired state of each task that the node is to have. */
  readonly tasks: Map<string, TaskState>;
}

/**
 * What a leader tells a node is a stream without gaps: the sets of a session are numbered one by
 * one, and after each set, and with each heartbeat that is answered, all of them together are
 * exactly the node's tasks in the leader's store, those that have ended too. An event that fell
 * between the first, complete set and the changes after it would be missed for good.
 */
export class AssignmentsComplete implements Checker {
  readonly name = "assignments-complete";
  readonly source = "SwarmKit dispatcher: Assignments; etcd's watch guarantees: ordered, reliable";
  checks = 0;
  /** By leader and node. */
  readonly #told = new Map<string, Told>();

  sent(host: Host, to: string, message: NodeMessage): void {
    if (message.kind !== "dispatcher") return;
    const said = message.message;
    const key = `${host.name} ${to}`;
    if (said.kind === "session") {
      this.#told.set(key, { session: said.session, sequence: 0, tasks: new Map() });
      return;
    }
    if (said.kind !== "assignments" && said.kind !== "heartbeat-received") return;
    const told = this.#told.get(key);
    if (told?.session !== said.session) return;
    this.checks += 1;
    const problem = said.kind === "assignments" ? follow(told, said) : null;
    const detail = problem ?? difference(host, to, told);
    if (detail !== null) throw new BrokenInvariant(this.name, host.name, `${to} ${detail}`);
  }
}

/** Takes the set as an agent does. Why it does not follow on the one before, or null. */
function follow(told: Told, { type, appliesTo, resultsIn, tasks, removed }: Assignments) {
  const isNext = appliesTo === told.sequence && resultsIn === appliesTo + 1;
  if (!isNext) return `is told set ${resultsIn} after ${told.sequence}`;
  told.sequence = resultsIn;
  if (type === "complete") told.tasks.clear();
  for (const { id, desiredState } of tasks) told.tasks.set(id, desiredState);
  for (const id of removed) told.tasks.delete(id);
  return null;
}

/** What the node has not been told, or must not have been; null: nothing. */
function difference(host: Host, node: string, { tasks }: Told): string | null {
  const stored = host.node?.member?.store.tasksOnNode(node).values() ?? [];
  let count = 0;
  for (const { id, name, desiredState, status } of stored) {
    if (status.state < TaskState.ASSIGNED || status.state > TaskState.FAILED) continue;
    count += 1;
    if (tasks.get(id) !== desiredState) return `is not told what became of ${name}`;
  }
  return count === tasks.size ? null : `is told of ${tasks.size - count} tasks too many`;
}
