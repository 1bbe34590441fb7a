import { compareText } from "../../core/base/order.ts";
import type { StoreObject } from "../../core/model/change.ts";
import type { Cluster } from "../../core/model/cluster.ts";
import type { Node } from "../../core/model/node.ts";
import { holdsAddresses, overlayPlaces } from "../../core/model/overlay.ts";
import type { Task } from "../../core/model/task.ts";
import { isWanted, stateName, TaskState } from "../../core/model/task-state.ts";
import type { StoreEvent } from "../../core/store/event.ts";
import type { Violation } from "../result.ts";
import type { TimelessResult } from "../run.ts";
import type { Host } from "../world/host.ts";
import type { Watch } from "../world/watch.ts";
import type { World } from "../world/world.ts";
import { Changes, isOf, nameOf, type ObjectChange } from "./changes.ts";
import { differenceText } from "./difference.ts";

const managersMost = 7;
const objectsMost = 6;
const tasksMost = 12;
const waitingMost = 3;
const changesMost = 12;
/** Of the tasks of a service that is named. */
const tasksChangesMost = 6;
const entriesMost = 3;
const eventsMost = 3;
/** Of a task's id, where its name may be that of several. */
const idShown = 6;

/**
 * What is known of all that a violation names: how each machine stood, what it knew of the objects,
 * and what had changed them last, by whom.
 *
 * Watches a run by `watch`, and is asked when the run is over: the world stands as it was when
 * something broke. What a violation names are the words of its detail that are names or ids.
 */
export class Evidence {
  #world: World | null = null;
  #changes: Changes | null = null;

  readonly watch: Watch = (world) => {
    this.#world = world;
    this.#changes = new Changes(() => world.kernel.now);
    return this.#changes;
  };

  /** The result with what is known of its violation. */
  explained<Result extends TimelessResult>(result: Result): Result {
    const [violation] = result.violations;
    if (violation === undefined || this.#world === null || this.#changes === null) return result;
    const lines = new Scene(this.#world, this.#changes, violation).lines();
    return { ...result, evidence: [...result.evidence, ...lines] };
  }
}

/** A world in which something has just broken. */
class Scene {
  readonly #world: World;
  readonly #changes: Changes;
  readonly #words: ReadonlySet<string>;
  readonly #detail: string;
  readonly #objects: readonly StoreObject[];

  constructor(world: World, changes: Changes, { detail, node }: Violation) {
    const words = detail.split(/[^\w.-]+/).map((word) => word.replace(/^[.-]+|[.-]+$/g, ""));
    this.#world = world;
    this.#changes = changes;
    this.#detail = detail;
    this.#words = new Set([...words, ...(node === null ? [] : [node])]);
    const named = changes.named(this.#words).filter((object) => this.#isMeant(object));
    this.#objects = named.slice(0, objectsMost);
  }

  /** Users give files, networks and volumes names that are words, too. */
  #isMeant(object: StoreObject): boolean {
    if (this.#words.has(object.id)) return true;
    const { kind } = object;
    return kind === "task" || kind === "service" || this.#words.has(kind);
  }

  lines(): string[] {
    return [
      ...this.#machines(),
      ...this.#entries(),
      ...this.#objects.flatMap((object) => this.#object(object)),
      ...this.#lastChanges(),
    ];
  }

  /** Those that are named, and beside them the managers of the cluster. */
  #machines(): string[] {
    const { hosts } = this.#world;
    let managers = 0;
    return hosts.flatMap((host) => {
      if (host.isManager) managers += 1;
      const isShown = host.isManager && managers <= managersMost;
      if (!isShown && !this.#words.has(host.name)) return [];
      const about = this.#words.has(host.name)
        ? [...this.#stored(host), ...this.#tasksOn(host)]
        : [];
      return [row(host.name, this.#machine(host)), ...about];
    });
  }

  #machine(host: Host): string {
    const parts = [host.state === "refused" ? `refused: ${host.refusal}` : host.state];
    const status = host.raft?.status() ?? null;
    if (status !== null) {
      const { role, term, vote, leader, commit, applied, stable, lastIndex, lastTerm } = status;
      const under = leader === null || role === "leader" ? "" : ` under ${this.#nameOf(leader)}`;
      const voted = vote === null ? "" : `, voted for ${this.#nameOf(vote)}`;
      parts.push(`${role} in term ${term}${under}${voted}`);
      parts.push(`log to ${lastIndex} of term ${lastTerm}`);
      parts.push(`${stable} on disk, ${commit} committed, ${applied} applied`);
    }
    const session = host.node?.agent.leader;
    if (session !== undefined) parts.push(`agent ${session === null ? "alone" : `at ${session}`}`);
    return parts.join("; ");
  }

  #nameOf(member: string): string {
    return this.#world.hosts.find(({ memberId }) => memberId === member)?.name ?? member;
  }

  /** What the cluster knows of the machine as a node. */
  #stored({ name }: Host): string[] {
    const node = this.#world.history.view.nodes.get(name);
    return [
      row("", node === undefined ? "not a node of the cluster" : `stored: ${nodeText(node)}`),
    ];
  }

  /** What the machine is to run, as the cluster has it and, if it is up, as the machine has it. */
  #tasksOn(host: Host): string[] {
    const stored = [...this.#world.history.view.tasksOnNode(host.name).values()];
    const own = host.node === null ? stored : host.node.agent.tasks();
    const texts = [...new Set([...stored, ...own].map(({ id }) => id))].map((id) => {
      const [there, here] = [stored, own].map((tasks) => tasks.find((task) => task.id === id));
      const state = there === undefined ? "not stored" : stateText(there);
      const text = `${(there ?? here)?.name} ${state}`;
      if (here === undefined) return `${text} (its agent knows nothing of it)`;
      const isSame = there !== undefined && stateText(here) === stateText(there);
      return isSame ? text : `${text} (to its agent ${stateText(here)})`;
    });
    const shown = texts.slice(0, tasksMost);
    if (texts.length > tasksMost) shown.push(`${texts.length - tasksMost} more`);
    return [row("", texts.length === 0 ? "no tasks" : `tasks: ${shown.join(", ")}`)];
  }

  /** The entries that are named by their index: who holds which, and who decided them. */
  #entries(): string[] {
    const named = [...this.#detail.matchAll(/\bentr(?:y|ies)(?: up to)? (\d+)/g)];
    const indexes = [...new Set(named.map(([, index]) => Number(index)))].slice(0, entriesMost);
    return indexes.flatMap((index) => {
      const holders = this.#world.managers.map((host) => `${host.name} ${entryAt(host, index)}`);
      const known = this.#changes.entry(index);
      const what = known === null ? "never applied" : `applied: ${eventsText(known.events)}`;
      return [row(`entry ${index}`, holders.join("; ")), row("", what)];
    });
  }

  #object(object: StoreObject): string[] {
    if (object.kind === "node") return [];
    const isStored = this.#storeHas(object);
    const text = isStored ? objectText(object) : "no longer stored";
    const about = `id ${object.id}, version ${object.meta.version}`;
    const first = row(`${object.kind} ${nameOf(object)}`, `${text} (${about})`);
    const inside = object.kind === "network" ? this.#inNetwork(object) : [];
    const waiting = object.kind === "service" ? this.#waiting(nameOf(object)) : [];
    return [first, ...inside, ...waiting, ...this.#views(object)];
  }

  /** The service's tasks that no node can take, and why. */
  #waiting(service: string): string[] {
    const tasks = [...this.#world.history.view.tasks.values()].filter((task) => {
      return (
        isOf(service, task) &&
        task.status.state === TaskState.PENDING &&
        isWanted(task.desiredState)
      );
    });
    const texts = tasks.map(({ name, status }) => `${name} waits: ${status.err}`).sort(compareText);
    const shown = texts.slice(0, waitingMost);
    if (texts.length > waitingMost) shown.push(`${texts.length - waitingMost} more wait`);
    return shown.map((text) => row("", text));
  }

  /** The tasks with an address in the network, and which of them the named machines lead to. */
  #inNetwork({ id }: StoreObject): string[] {
    const places = attachedTo(this.#world, id);
    const shown = places.slice(0, tasksMost).map(({ task, address }) => {
      return `${task.name} (${task.id.slice(0, idShown)}) at ${address}: ${objectText(task)}`;
    });
    if (places.length > tasksMost) shown.push(`${places.length - tasksMost} more`);
    const named = this.#world.hosts.filter(({ name }) => this.#words.has(name));
    const ways = named.map(({ name, overlay }) => {
      const peers = overlay.overlays.get(id)?.peers ?? null;
      if (peers === null) return `${name} has no part in it`;
      const known = peers.map((peer) => {
        const serves = peer.serves ? "" : ", which does not serve";
        return `${peer.name} (${peer.task.slice(0, idShown)}) at ${peer.address}${serves}`;
      });
      return `${name} knows ${known.length === 0 ? "nobody in it" : known.join("; ")}`;
    });
    return [...shown, ...ways].map((text) => row("", text));
  }

  #storeHas({ kind, id }: StoreObject): boolean {
    return objectIn(this.#world.history.view, kind, id) !== null;
  }

  /** Managers that know another version of it, and the node that is to run it. */
  #views(object: StoreObject): string[] {
    const { version } = object.meta;
    const managers = this.#world.managers.flatMap((host) => {
      const store = host.node?.member?.store;
      if (store === undefined) return [];
      const known = objectIn(store, object.kind, object.id);
      if (known?.meta.version === version) return [];
      const text =
        known === null ? "nothing" : `version ${known.meta.version}: ${objectText(known)}`;
      return [row("", `${host.name} knows ${text}`)];
    });
    return [...managers, ...(object.kind === "task" ? this.#onItsNode(object) : [])];
  }

  #onItsNode({ id, nodeId }: Task): string[] {
    const host = this.#world.named.get(nodeId ?? "");
    if (host === undefined) return [];
    const told = host.node?.agent.tasks().find((task) => task.id === id);
    const container = host.executor.existing().find(({ task }) => task === id);
    const knows = told === undefined ? "knows nothing of it" : `has it ${stateText(told)}`;
    const runs = container === undefined ? "no container" : `its container: ${container.state}`;
    return [row("", `${host.name} ${knows}, ${runs}`)];
  }

  /**
   * Of services and networks also what was done to their tasks; of nodes if nothing else is named.
   */
  #lastChanges(): string[] {
    const services = this.#objects.filter(({ kind }) => kind === "service").map(nameOf);
    const ofServices = [...this.#world.history.view.tasks.values()].filter((task) =>
      services.some((service) => isOf(service, task)),
    );
    const networks = this.#objects.filter(({ kind }) => kind === "network");
    const inNetworks = networks.flatMap(({ id }) => attachedTo(this.#world, id));
    const tasks = [...ofServices, ...inNetworks.map(({ task }) => task)];
    const others = this.#objects.filter(({ kind }) => kind !== "node");
    const own = this.#changesOf(others.length > 0 ? others : this.#objects, changesMost);
    const all = new Set([...own, ...this.#changesOf(tasks, tasksChangesMost)]);
    const sorted = [...all].sort((left, right) => left.at - right.at);
    return sorted.length === 0 ? [] : ["", "what changed them last:", ...sorted.map(changeText)];
  }

  #changesOf(objects: readonly StoreObject[], most: number): ObjectChange[] {
    const all = objects.flatMap((object) => this.#changes.of(object));
    return all.sort((left, right) => left.at - right.at).slice(-most);
  }
}

/** As wide as most names are. */
function row(name: string, text: string): string {
  return `  ${name.padEnd(14)} ${text}`;
}

function changeText(change: ObjectChange): string {
  const { at, entry, actor } = change;
  const time = `${(at / 1e6).toFixed(3).padStart(11)} s`;
  const from = entry.leader === null ? "" : ` by ${entry.leader}`;
  const where = `entry ${entry.index} of term ${entry.term}${from}`;
  return `${time}  ${where}, ${actor}: ${eventText(change)}`;
}

function eventText({ previous, current }: StoreEvent): string {
  const object = (current ?? previous) as StoreObject;
  const id = object.kind === "task" ? ` (${object.id.slice(0, idShown)})` : "";
  const name = `${object.kind} ${nameOf(object)}${id}`;
  if (current === null) return `${name} is removed`;
  if (previous === null) return `${name} is created: ${objectText(current)}`;
  return `${name}: ${differenceText(previous, current)}`;
}

function eventsText(events: readonly StoreEvent[]): string {
  if (events.length === 0) return "nothing stored changes";
  const first = events.slice(0, eventsMost).map((event) => `${event.actor}: ${eventText(event)}`);
  const more = events.length > eventsMost ? [`${events.length - eventsMost} more`] : [];
  return [...first, ...more].join("; ");
}

function entryAt({ raft, state }: Host, index: number): string {
  if (raft === null) return `is ${state}`;
  const entry = raft.entryAt(index);
  if (entry !== null) return `has that of term ${entry.term}`;
  return index > raft.lastIndex ? "has none" : "has it in a snapshot";
}

/** The tasks that hold an address in the network, by name. */
function attachedTo({ history }: World, network: string): { task: Task; address: string }[] {
  const places = [...history.view.tasks.values()].filter(holdsAddresses).flatMap((task) => {
    const place = overlayPlaces(task).find(({ overlay }) => overlay.id === network);
    return place === undefined ? [] : [{ task, address: place.address }];
  });
  return places.sort((left, right) => compareText(left.task.name, right.task.name));
}

function objectText(object: StoreObject): string {
  switch (object.kind) {
    case "node":
      return nodeText(object);
    case "cluster":
      return clusterText(object);
    case "network":
      return object.overlay === null ? "a bridge on each node" : `overlay ${object.overlay.subnet}`;
    case "volume":
      return `${object.spec.availability}, on ${object.nodeId ?? "no node"}`;
    case "task":
      return `${stateText(object)}, on ${object.nodeId ?? "no node"}`;
    case "service": {
      const { specVersion, updateStatus, spec } = object;
      const update = updateStatus === null ? "" : `, update ${updateStatus.state}`;
      return `${spec.mode.kind}, ${spec.task.container.image}, spec ${specVersion}${update}`;
    }
    default:
      return "stored";
  }
}

function nodeText({ role, spec, status, certificate }: Node): string {
  const wanted = role === spec.desiredRole ? "" : `, to be ${spec.desiredRole}`;
  const why = status.message === "" ? "" : ` (${status.message})`;
  const shown =
    certificate === null || certificate.proven === null ? ", has shown no certificate" : "";
  return `${role}${wanted}, ${spec.availability}, ${status.state}${why}${shown}`;
}

/** What nodes join by and trust in; of the tokens what differs from one to the next. */
function clusterText({ level, incarnation, ca }: Cluster): string {
  const about = `level ${level}, incarnation ${incarnation}`;
  if (ca === null) return `${about}, no root yet`;
  const { root, rotation, joinTokens } = ca;
  const turns = rotation === null ? "" : ", which is being replaced";
  const [worker, manager] = [secretOf(joinTokens.worker), secretOf(joinTokens.manager)];
  const tokens = `worker token ${worker}, manager token ${manager}`;
  return `${about}, root ${root.digest}${turns}, ${tokens}`;
}

function secretOf(token: string): string {
  return token.slice(token.lastIndexOf("-") + 1);
}

function stateText({ status, desiredState }: Task): string {
  const why = status.err === "" ? "" : ` (${status.err})`;
  return `${stateName(status.state)}${why}, to be ${stateName(desiredState)}`;
}

function objectIn(
  view: World["history"]["view"],
  kind: StoreObject["kind"],
  id: string,
): StoreObject | null {
  switch (kind) {
    case "cluster":
      return view.cluster;
    default:
      return view[`${kind}s`].get(id) ?? null;
  }
}
