import type { DispatcherMessage } from "../../core/dispatch/message.ts";
import { TaskState } from "../../core/model/task-state.ts";
import type { StoreView } from "../../core/store/view.ts";
import type { Host } from "../world/host.ts";
import type { BeatAnswer } from "../world/observer.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";

type Assignments = DispatcherMessage & { readonly kind: "assignments" };

/** What a leader has told one node in one session. */
interface Told {
  readonly session: string;
  sequence: number;
  /** The desired state of each task that the node is to have. */
  readonly tasks: Map<string, TaskState>;
  /** A store by which all that was told so far is true; null: there is none. */
  agrees: StoreView | null;
  agreesAt: number;
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
  /** By number of the leader, and by node. */
  readonly #told: Map<string, Told>[] = [];

  dispatcherSent(host: Host, to: string, said: DispatcherMessage): void {
    if (said.kind === "session") {
      this.#told[host.number] ??= new Map();
      this.#told[host.number]?.set(to, newTold(said.session));
      return;
    }
    if (said.kind === "assignments") this.#look(host, to, said);
  }

  beatAnswered(host: Host, to: string, said: BeatAnswer): void {
    this.#look(host, to, said);
  }

  #look(host: Host, to: string, said: Assignments | BeatAnswer): void {
    const told = this.#told[host.number]?.get(to);
    if (told?.session !== said.session) return;
    this.checks += 1;
    const problem = said.kind === "assignments" ? follow(told, said) : null;
    const detail = problem ?? difference(host.node?.member?.store ?? null, to, told);
    if (detail !== null) throw new BrokenInvariant(this.name, host.name, `${to} ${detail}`);
  }
}

function newTold(session: string): Told {
  return { session, sequence: 0, tasks: new Map(), agrees: null, agreesAt: -1 };
}

/** Takes the set as an agent does. Why it does not follow on the one before, or null. */
function follow(told: Told, { type, appliesTo, resultsIn, tasks, removed }: Assignments) {
  const isNext = appliesTo === told.sequence && resultsIn === appliesTo + 1;
  if (!isNext) return `is told set ${resultsIn} after ${told.sequence}`;
  told.sequence = resultsIn;
  told.agrees = null;
  if (type === "complete") told.tasks.clear();
  for (const { id, desiredState } of tasks) told.tasks.set(id, desiredState);
  for (const id of removed) told.tasks.delete(id);
  return null;
}

/** What the node has not been told, or must not have been; null: nothing. */
function difference(store: StoreView | null, node: string, told: Told): string | null {
  if (told.agrees === store && told.agreesAt === store?.index) return null;
  const { tasks } = told;
  let count = 0;
  for (const { id, name, desiredState, status } of store?.tasksOnNode(node).values() ?? []) {
    if (status.state < TaskState.ASSIGNED || status.state > TaskState.FAILED) continue;
    count += 1;
    if (tasks.get(id) !== desiredState) return `is not told what became of ${name}`;
  }
  if (count !== tasks.size) return `is told of ${tasks.size - count} tasks too many`;
  told.agrees = store;
  told.agreesAt = store?.index ?? -1;
  return null;
}
