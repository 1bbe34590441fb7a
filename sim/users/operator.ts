import { assert, unreachable } from "../../core/base/assert.ts";
import type { Random } from "../../core/base/random.ts";
import type { OwnRoot } from "../../core/control/ca.ts";
import type {
  ClientQuery,
  ClientReply,
  ClientRequest,
  Command,
  Query,
  QueryResult,
} from "../../core/control/command.ts";
import type { RequestId, StoreObject } from "../../core/model/change.ts";
import type { ClusterSpec } from "../../core/model/cluster.ts";
import type { FileReference } from "../../core/model/container-spec.ts";
import type { Node, NodeRole, NodeSpec } from "../../core/model/node.ts";
import type { ServiceSpec } from "../../core/model/service.ts";
import type { SlotKey, Task } from "../../core/model/task.ts";
import type { VolumeSpec } from "../../core/model/volume.ts";
import type { Attempt } from "../scenario/command-words.ts";
import type { NetworkPlan } from "../scenario/service-words.ts";
import { type Answer, Caller, type CallerWorld, type Patience } from "./caller.ts";
import { networkSpec } from "./network-spec.ts";

/** Users scale to no more than this. */
export const replicasMost = 6;

/** Something a user wants done, however many requests it takes. */
export type Intent =
  | { readonly kind: "create"; readonly spec: ServiceSpec }
  | {
      readonly kind: "change";
      readonly service: string;
      readonly change: (spec: ServiceSpec) => ServiceSpec;
    }
  | { readonly kind: "rollback"; readonly service: string }
  | { readonly kind: "rebalance"; readonly service: string }
  | { readonly kind: "remove"; readonly service: string }
  | {
      readonly kind: "remove-task";
      readonly service: string;
      /** A slot, or a node. */
      readonly place: SlotKey;
      readonly attempt: Attempt;
    }
  | {
      readonly kind: "create-file";
      readonly table: FileTable;
      readonly name: string;
      /** In base 64. */
      readonly data: string;
    }
  | { readonly kind: "remove-file"; readonly table: FileTable; readonly name: string }
  | { readonly kind: "create-volume"; readonly name: string }
  | { readonly kind: "remove-volume"; readonly name: string }
  | {
      readonly kind: "volume-availability";
      readonly name: string;
      readonly to: VolumeSpec["availability"];
    }
  | {
      readonly kind: "label-file";
      readonly table: FileTable;
      readonly name: string;
      readonly labels: ReadonlyMap<string, string>;
    }
  | ({ readonly kind: "create-network"; readonly name: string } & NetworkPlan)
  | { readonly kind: "remove-network"; readonly name: string }
  | { readonly kind: "rotate-root"; readonly root: OwnRoot | null }
  | { readonly kind: "rotate-unlock-key" }
  | { readonly kind: "rotate-join-token"; readonly role: NodeRole }
  | { readonly kind: "configure"; readonly change: (spec: ClusterSpec) => ClusterSpec }
  | {
      readonly kind: "availability";
      readonly node: string;
      readonly to: Node["spec"]["availability"];
    }
  | {
      readonly kind: "label";
      readonly node: string;
      readonly labels: Node["spec"]["labels"];
    }
  | { readonly kind: "role"; readonly node: string; readonly to: NodeRole }
  | { readonly kind: "remove-node"; readonly node: string; readonly force: boolean };

type FileTable = "secret" | "config";

/** The ids of what users have created by a name: secrets and the like, by table and name. */
export type FileIds = Map<string, string>;

/** A user waits for a manager longer than that waits for the leader, and never gives up. */
const patience: Patience = { answerTimeout: 7_000_000, giveUpAfter: Infinity };

/**
 * A user at a terminal: does one thing after another, and repeats each until a manager has said
 * what became of it. A change is read, made and written back with the version that was read; when
 * someone else was faster, it is read again.
 */
export class Operator {
  readonly client: string;
  readonly #caller: Caller;
  readonly #intents: Intent[] = [];
  #current: Intent | null = null;
  #lastSequence = 0;
  readonly #files: FileIds;

  /** `firstToken`: see `Caller`. `files` are those of everyone with whom this user shares them. */
  constructor(
    client: string,
    world: CallerWorld,
    random: Random,
    firstToken = 0,
    files: FileIds = new Map(),
  ) {
    this.client = client;
    this.#caller = new Caller(world, random, patience, firstToken);
    this.#files = files;
  }

  /** True when everything asked for so far has been answered. */
  get isIdle(): boolean {
    return this.open === 0;
  }

  /** How many things have been asked for and not answered. */
  get open(): number {
    return this.#intents.length + (this.#caller.isWaiting ? 1 : 0);
  }

  /** True while some node is to be promoted or demoted and nobody has said what became of it. */
  get changesRoles(): boolean {
    return this.#isToDo("role");
  }

  /** The same of a new service. */
  get creates(): boolean {
    return this.#isToDo("create");
  }

  want(intent: Intent): void {
    this.#intents.push(intent);
    if (!this.#caller.isWaiting) this.#next();
  }

  /** The answer of a manager to the request with `token`. */
  reply(token: number, reply: ClientReply): void {
    this.#caller.reply(token, reply);
  }

  #isToDo(kind: Intent["kind"]): boolean {
    const open = this.#caller.isWaiting ? [this.#current, ...this.#intents] : this.#intents;
    return open.some((intent) => intent?.kind === kind);
  }

  #next(): void {
    const intent = this.#intents.shift();
    this.#current = intent ?? null;
    if (intent !== undefined) this.#begin(intent);
  }

  #begin(intent: Intent): void {
    const command = this.#commandAtOnce(intent);
    if (command !== null) this.#ask(intent, this.#command(command));
    else this.#ask(intent, queryFor(intent));
  }

  /** Null: what is to be changed must be read first. */
  #commandAtOnce(intent: Intent): Command | null {
    switch (intent.kind) {
      case "create":
        return { kind: "create-service", spec: this.#withIds(intent.spec) };
      case "create-file": {
        const spec = { name: intent.name, labels: new Map(), data: intent.data };
        return { kind: `create-${intent.table}`, spec };
      }
      case "remove-file":
        return { kind: `remove-${intent.table}`, id: this.#idOf(intent.table, intent.name) };
      case "create-network":
        return { kind: "create-network", spec: networkSpec(intent.name, intent) };
      case "remove-network":
        return { kind: intent.kind, id: this.#idOf("network", intent.name) };
      case "remove-volume":
        return { kind: intent.kind, id: this.#idOf("volume", intent.name) };
      case "rotate-root":
      case "rotate-join-token":
      case "rotate-unlock-key":
        return intent;
      case "create-volume": {
        const { name } = intent;
        const spec = { name, labels: new Map(), driver: "local", availability: "active" } as const;
        return { kind: "create-volume", spec };
      }
      default:
        return null;
    }
  }

  #idOf(table: FileTable | "network" | "volume", name: string): string {
    return this.#files.get(`${table} ${name}`) ?? "";
  }

  /** A service names its files by their ids, which people don't know. */
  #withIds(spec: ServiceSpec): ServiceSpec {
    const { container } = spec.task;
    if (container.secrets.length + container.configs.length === 0) return spec;
    const found = (table: FileTable) => (reference: FileReference) => ({
      ...reference,
      id: this.#idOf(table, reference.name),
    });
    const secrets = container.secrets.map(found("secret"));
    const configs = container.configs.map(found("config"));
    return { ...spec, task: { ...spec.task, container: { ...container, secrets, configs } } };
  }

  #command(command: Command): ClientRequest {
    this.#lastSequence += 1;
    const request: RequestId = { client: this.client, sequence: this.#lastSequence };
    return { kind: "command", request, command };
  }

  #ask(intent: Intent, request: ClientRequest): void {
    this.#caller.ask(request, (answer) => this.#answered(intent, answer));
  }

  #answered(intent: Intent, answer: Answer | null): void {
    assert(answer !== null, "the operator does not give up");
    if (answer.kind === "result") return this.#write(intent, found(intent, answer.objects));
    const { outcome } = answer;
    if (outcome.kind === "done") this.#created(intent, outcome.result);
    const isOutdated =
      outcome.kind === "refused" && outcome.rejection.message === "update out of sequence";
    if (isOutdated) this.#begin(intent);
    else this.#next();
  }

  #created(intent: Intent, id: string): void {
    if (intent.kind === "create-file") this.#files.set(`${intent.table} ${intent.name}`, id);
    if (intent.kind === "create-network") this.#files.set(`network ${intent.name}`, id);
    if (intent.kind === "create-volume") this.#files.set(`volume ${intent.name}`, id);
  }

  /** What was to be changed may be gone by now: then there is nothing to do. */
  #write(intent: Intent, object: StoreObject | undefined): void {
    const command = object === undefined ? null : commandFor(intent, object);
    if (command === null) this.#next();
    else if (command.kind === "update-service") {
      this.#ask(intent, this.#command({ ...command, spec: this.#withIds(command.spec) }));
    } else this.#ask(intent, this.#command(command));
  }
}

function queryFor(intent: Intent): ClientQuery {
  return { kind: "query", query: subjectOf(intent), consistency: "linearizable" };
}

function subjectOf(intent: Intent): Query {
  switch (intent.kind) {
    case "role":
    case "remove-node":
    case "availability":
    case "label":
      return { kind: "get-node", id: intent.node };
    case "configure":
      return { kind: "get-cluster" };
    case "remove-task":
      return { kind: "list-tasks", service: null };
    case "volume-availability":
      return { kind: "list-volumes" };
    case "label-file":
      return { kind: intent.table === "secret" ? "list-secrets" : "list-configs" };
    case "change":
    case "rollback":
    case "rebalance":
    case "remove":
      return { kind: "get-service", name: intent.service };
    default:
      throw new TypeError(`${intent.kind} needs nothing to be read first`);
  }
}

/** What the user means of what was read; undefined when there is nothing of the kind. */
function found(intent: Intent, objects: QueryResult): StoreObject | undefined {
  if (intent.kind === "remove-task") return taskMeant(intent, objects);
  const isNamed = intent.kind === "volume-availability" || intent.kind === "label-file";
  if (isNamed) return objects.find((each) => isCalled(each, intent.name)) as StoreObject;
  const [object] = objects;
  return object?.kind === "raft-report" ? undefined : object;
}

function isCalled(object: QueryResult[number], name: string): boolean {
  return "spec" in object && "name" in object.spec && object.spec.name === name;
}

/** The names of tasks begin with that of their service. */
function taskMeant(
  { service, place, attempt }: Extract<Intent, { kind: "remove-task" }>,
  objects: QueryResult,
): Task | undefined {
  const tasks = objects.filter(
    (each): each is Task =>
      each.kind === "task" &&
      each.name.startsWith(`${service}.`) &&
      (each.slot === place || each.nodeId === place),
  );
  tasks.sort((left, right) => left.meta.createdAt - right.meta.createdAt);
  return attempt === "newest" ? tasks.pop() : tasks[0];
}

function commandFor(intent: Intent, object: StoreObject): Command | null {
  const { id, meta } = object;
  if (intent.kind === "rollback") {
    return { kind: "rollback-service", id, version: meta.version };
  }
  if (intent.kind === "remove-task") return { kind: "remove-task", id };
  if (intent.kind === "rebalance") return { kind: "rebalance-service", id };
  if (object.kind === "node" && "node" in intent) {
    if (intent.kind === "remove-node") return { kind: "remove-node", id, force: intent.force };
    const spec = { ...object.spec, ...changeOf(intent) };
    return { kind: "update-node", id, version: meta.version, spec };
  }
  if (intent.kind === "configure" && object.kind === "cluster") {
    return { kind: "update-cluster", version: meta.version, spec: intent.change(object.spec) };
  }
  if (intent.kind === "volume-availability" && object.kind === "volume") {
    const spec = { ...object.spec, availability: intent.to };
    return { kind: "update-volume", id, version: meta.version, spec };
  }
  if (intent.kind === "label-file" && (object.kind === "secret" || object.kind === "config")) {
    const spec = { ...object.spec, labels: intent.labels };
    return { kind: `update-${object.kind}`, id, version: meta.version, spec };
  }
  if (intent.kind === "change" && object.kind === "service") {
    const spec = intent.change(object.spec);
    return { kind: "update-service", id, version: meta.version, spec };
  }
  return intent.kind === "remove" ? { kind: "remove-service", id } : null;
}

function changeOf(
  intent: Extract<Intent, { kind: "role" | "availability" | "label" }>,
): Partial<NodeSpec> {
  switch (intent.kind) {
    case "role":
      return { desiredRole: intent.to };
    case "availability":
      return { availability: intent.to };
    case "label":
      return { labels: intent.labels };
    default:
      return unreachable(intent);
  }
}
