import { assert } from "../../core/base/assert.ts";
import type { Random } from "../../core/base/random.ts";
import type { ClientReply, Command } from "../../core/control/command.ts";
import { Caller, type CallerWorld, type Patience } from "./caller.ts";
import { callsFor, type UserCommand } from "./user-command.ts";

/** Users scale to no more than this. */
export const replicasMost = 6;

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
  readonly #waiting: UserCommand[] = [];
  #current: UserCommand | null = null;
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
    return this.#waiting.length + (this.#caller.isWaiting ? 1 : 0);
  }

  /** True while some node is to be promoted or demoted and nobody has said what became of it. */
  get changesRoles(): boolean {
    return this.#isToDo("role");
  }

  /** The same of a new service. */
  get creates(): boolean {
    return this.#isToDo("create");
  }

  want(wanted: UserCommand): void {
    this.#waiting.push(wanted);
    if (!this.#caller.isWaiting) this.#next();
  }

  /** The answer of a manager to the request with `token`. */
  reply(token: number, reply: ClientReply): void {
    this.#caller.reply(token, reply);
  }

  #isToDo(what: UserCommand["do"]): boolean {
    const open = this.#caller.isWaiting ? [this.#current, ...this.#waiting] : this.#waiting;
    return open.some((wanted) => wanted?.do === what);
  }

  #next(): void {
    this.#current = this.#waiting.shift() ?? null;
    if (this.#current !== null) this.#begin(this.#current);
  }

  #begin(wanted: UserCommand): void {
    const calls = callsFor(wanted, (table, name) => this.#files.get(`${table} ${name}`) ?? "");
    if ("command" in calls) return this.#command(wanted, calls.command);
    const { query, next } = calls;
    this.#caller.ask({ kind: "query", query, consistency: "linearizable" }, (answer) => {
      assert(answer?.kind === "result", "a query is answered with what was found");
      const command = next(answer.objects);
      if (command === null) this.#next();
      else this.#command(wanted, command);
    });
  }

  #command(wanted: UserCommand, command: Command): void {
    this.#lastSequence += 1;
    const request = { client: this.client, sequence: this.#lastSequence };
    this.#caller.ask({ kind: "command", request, command }, (answer) => {
      assert(answer?.kind === "outcome", "a command is answered with what became of it");
      const { outcome } = answer;
      if (outcome.kind === "done") this.#created(wanted, outcome.result);
      const isOutdated =
        outcome.kind === "refused" && outcome.rejection.message === "update out of sequence";
      if (isOutdated) this.#begin(wanted);
      else this.#next();
    });
  }

  #created(wanted: UserCommand, id: string): void {
    if (wanted.do === "create-file") this.#files.set(`${wanted.table} ${wanted.name}`, id);
    if (wanted.do === "create-network") this.#files.set(`network ${wanted.name}`, id);
    if (wanted.do === "create-volume") this.#files.set(`volume ${wanted.name}`, id);
  }
}
