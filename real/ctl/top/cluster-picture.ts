import type { RaftReport } from "../../../core/control/command.ts";
import type { StoreObject } from "../../../core/model/change.ts";
import type { Task } from "../../../core/model/task.ts";
import { stateName } from "../../../core/model/task-state.ts";
import type {
  ClusterFrame,
  NodeFrame,
  NodeRecordFrame,
  RaftFrame,
  TaskStateFrame,
} from "../../../core/observe/frame.ts";
import { storeFrames } from "../../../core/observe/frame-of-store.ts";
import type { AvailabilityFrame, EventLine } from "../../../core/observe/source.ts";
import { storyOf } from "../../../core/observe/story.ts";
import { NodeNames } from "./node-names.ts";
import { ServiceTallies } from "./service-tallies.ts";
import { type Change, StoreCopy } from "./store-copy.ts";

/** Lines of what happened that are kept. */
const linesMost = 1_000;

const noLoad = {
  ...{ tasks: 0, nanoCpus: 0, memoryBytes: 0, nanoCpusTotal: 0, memoryBytesTotal: 0 },
} as const;

/**
 * A real cluster as far as it is known: what a manager lists and tells of its store, and what each
 * manager says of its own part in Raft. Times are microseconds since the watch began.
 */
export class ClusterPicture {
  readonly names = new NodeNames();
  readonly #copy = new StoreCopy();
  readonly #tallies = new ServiceTallies();
  readonly #histories = new Map<string, TaskStateFrame[]>();
  readonly #lines: EventLine[] = [];
  #frames = 0;
  #isEmpty = true;

  /** All that is stored; what has changed since it was last known is told. */
  list(objects: readonly StoreObject[], at: number): void {
    const changes = this.#copy.replace(objects);
    this.#learnNames();
    for (const change of changes) this.#follow(change, at, !this.#isEmpty);
    this.#isEmpty = false;
  }

  /** One change of what is stored. */
  change(change: Change, at: number): void {
    const taken = this.#copy.take(change);
    if (taken === null) return;
    if ((taken.current ?? taken.previous)?.kind === "node") this.#learnNames();
    this.#follow(taken, at, true);
  }

  tell(line: EventLine): void {
    this.#lines.push(line);
    if (this.#lines.length > linesMost) this.#lines.splice(0, linesMost / 4);
  }

  /** Nothing is heard of the cluster from now on. */
  lose(): void {
    this.#tallies.lose();
  }

  get lines(): readonly EventLine[] {
    return [...this.#lines];
  }

  get availability(): Record<string, AvailabilityFrame> {
    return this.#tallies.frames();
  }

  /** Something has been listed. */
  get isKnown(): boolean {
    return !this.#isEmpty;
  }

  /** Where managers say that they are: IP addresses. */
  get managerHosts(): readonly string[] {
    const nodes = this.#copy.objects.filter((object) => object.kind === "node");
    const hosts = nodes.map(({ role, description }) =>
      role === "manager" ? description.address : "",
    );
    return [...new Set(hosts)].filter((host) => host !== "");
  }

  /** True for the id of a node of this cluster. */
  has(node: string): boolean {
    return this.#copy.objects.some(({ kind, id }) => kind === "node" && id === node);
  }

  /** `reports` are by node id; `isHeard`: the store is followed just now. */
  frame(at: number, reports: ReadonlyMap<string, RaftReport>, isHeard: boolean): ClusterFrame {
    const { names } = this;
    this.#frames += 1;
    const stored = storeFrames(this.#copy.objects, (task) => this.#historyOf(task));
    if (isHeard) this.#tallies.look(at, stored.services);
    const nodes = [...stored.records].map(([id, record]): NodeFrame => {
      const raft = raftFrame(reports.get(id), names);
      const load = stored.loads.get(id) ?? noLoad;
      const machine = isHeard ? machineOf(record) : "unknown";
      return { id: names.nameOf(id), machine, refusal: null, raft, record, clock: null, load };
    });
    return {
      at,
      event: this.#frames,
      nodes: nodes.sort((left, right) => (left.id < right.id ? -1 : 1)),
      services: stored.services,
      tasks: stored.tasks.map((task) =>
        task.node === null ? task : { ...task, node: names.nameOf(task.node) },
      ),
      messages: [],
      cuts: [],
      checks: {},
    };
  }

  #learnNames(): void {
    const { objects } = this.#copy;
    this.names.learn(objects.filter((object) => object.kind === "node"));
  }

  #follow({ previous, current }: Change, at: number, isTold: boolean): void {
    const object = (current ?? previous) as StoreObject;
    if (object.kind === "task") this.#keepState(object, current === null, at);
    if (!isTold) return;
    for (const told of storyOf(previous, current, this.names.nameOf)) this.tell({ at, ...told });
  }

  #keepState({ id, status }: Task, isGone: boolean, at: number): void {
    if (isGone) {
      this.#histories.delete(id);
      return;
    }
    const state = stateName(status.state);
    const history = this.#histories.get(id) ?? [];
    if (history.at(-1)?.state !== state) this.#histories.set(id, [...history, { state, at }]);
  }

  #historyOf({ id }: Task): readonly TaskStateFrame[] {
    return this.#histories.get(id) ?? [];
  }
}

function machineOf({ state }: NodeRecordFrame): NodeFrame["machine"] {
  return state === "ready" ? "up" : state;
}

function raftFrame(report: RaftReport | undefined, names: NodeNames): RaftFrame | null {
  if (report === undefined) return null;
  const { status, isManaging, progress } = report;
  const { memberName } = names;
  const orNull = (member: string | null) => (member === null ? null : memberName(member));
  const { voters, outgoing, learners, learnersNext, autoLeave } = status.membership;
  return {
    isManaging,
    progress: progress.map((each) => ({ ...each, member: memberName(each.member) })),
    status: {
      ...status,
      id: memberName(status.id),
      vote: orNull(status.vote),
      leader: orNull(status.leader),
      membership: {
        voters: voters.map(memberName),
        outgoing: outgoing.map(memberName),
        learners: learners.map(memberName),
        learnersNext: learnersNext.map(memberName),
        autoLeave,
      },
    },
  };
}
