import { limits } from "../base/limits.ts";
import type { Planted } from "../base/planted.ts";
import type { Probe } from "../base/probe.ts";
import type { ClientCommand, ClientReply } from "../control/command.ts";
import { decide, refused } from "../control/control.ts";
import type { Outcome, SizeOf } from "../model/change.ts";
import { isRejection } from "../model/rejection.ts";
import type { PlanContext } from "../plan/plan.ts";
import type { RaftView } from "../raft/reach.ts";
import type { AppliedTransaction } from "../store/store.ts";
import type { StoreView } from "../store/view.ts";
import { type Turn, tooLarge } from "./turn.ts";

/** Where a request came from: the node that handed it on, and that node's token for it. */
export interface Origin {
  readonly node: string;
  readonly token: number;
}

export interface ToOrigin {
  readonly origin: Origin;
  readonly reply: ClientReply;
}

interface CommandsConfig {
  readonly raft: RaftView;
  readonly planted: Planted;
  readonly probe?: Probe | null;
  readonly sizeOf?: SizeOf | undefined;
}

interface Waiting {
  readonly origin: Origin;
  readonly command: ClientCommand;
}

/**
 * Users' commands at the leader: those that wait for their turn, and those in the entry on its way.
 *
 * Each is decided against the store when its turn comes, and answered once that entry is applied;
 * a refusal is committed as well. A retry of what the store has answered gets the same answer.
 */
export class Commands {
  readonly #view: StoreView;
  readonly #config: CommandsConfig;
  readonly #waiting: Waiting[] = [];
  /** Who waits for the entry on its way, by client: no entry has two commands of one client. */
  readonly #inEntry = new Map<string, Origin>();
  #replies: ToOrigin[] = [];

  constructor(view: StoreView, config: CommandsConfig) {
    this.#view = view;
    this.#config = config;
  }

  /** How many wait for their turn. */
  get size(): number {
    return this.#waiting.length;
  }

  /** Takes a command in; with too many waiting, its client is told to try again. */
  add(origin: Origin, command: ClientCommand): void {
    const isFull = this.#waiting.length >= limits.waitingCommands;
    if (isFull || this.#config.probe?.buggify("busy-leader") === true) {
      this.#tryAgain(origin, "too many commands are waiting");
    } else this.#waiting.push({ origin, command });
  }

  /** Decides those that the turn has room for; the others wait for the next one. */
  takeTurn(turn: Turn, context: PlanContext): void {
    if (this.#waiting.length === 0) return;
    for (const waiting of this.#waiting.splice(0)) {
      if (!this.#take(waiting, turn, context)) this.#waiting.push(waiting);
    }
  }

  /** The entry on its way was applied: this came of its transactions. */
  applied(transactions: readonly AppliedTransaction[]): void {
    if (this.#inEntry.size === 0) return;
    for (const { transaction, outcome } of transactions) {
      if (transaction.request === null) continue;
      const origin = this.#inEntry.get(transaction.request.client);
      if (origin !== undefined) this.#reply(origin, outcome);
    }
    this.#inEntry.clear();
  }

  takeReplies(): readonly ToOrigin[] {
    const replies = this.#replies;
    if (replies.length > 0) this.#replies = [];
    return replies;
  }

  /** The leadership is lost: whoever waits may ask the next leader. */
  stop(): readonly ToOrigin[] {
    const reason = "the leader has lost its leadership";
    for (const origin of this.#inEntry.values()) this.#tryAgain(origin, reason);
    for (const { origin } of this.#waiting) this.#tryAgain(origin, reason);
    return this.#replies;
  }

  /** False: it waits on. */
  #take({ origin, command }: Waiting, turn: Turn, context: PlanContext): boolean {
    const { request } = command;
    const answered = this.#view.answered(request);
    if (answered !== undefined) {
      this.#config.probe?.reachable("command-asked-again");
      this.#reply(origin, answered);
      return true;
    }
    if (this.#inEntry.has(request.client)) return false;
    const { planted, raft, sizeOf } = this.#config;
    const answer = decide(context, raft, command);
    const decided = isRejection(answer) ? answer : (tooLarge(answer, sizeOf) ?? answer);
    if (isRejection(decided) && planted === "L03") {
      this.#reply(origin, { kind: "refused", rejection: decided });
      return true;
    }
    if (!turn.offer(isRejection(decided) ? refused(request, decided) : decided)) return false;
    this.#inEntry.set(request.client, origin);
    if (planted === "C01" && !isRejection(decided)) {
      this.#reply(origin, { kind: "done", result: decided.result });
    }
    return true;
  }

  #reply(origin: Origin, outcome: Outcome): void {
    this.#replies.push({ origin, reply: { kind: "outcome", outcome } });
  }

  #tryAgain(origin: Origin, reason: string): void {
    this.#replies.push({ origin, reply: { kind: "try-again", leader: null, reason } });
  }
}
