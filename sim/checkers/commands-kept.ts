import type { ClientReply, ClientRequest } from "../../core/control/command.ts";
import type { Commit, History } from "../world/history.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";

/** A command that was answered with success is in the committed log, once. */
export class CommandsKept implements Checker {
  readonly name = "acknowledged-command-kept";
  readonly source = "Raft thesis 6.3: linearizable semantics for clients";
  checks = 0;
  readonly #applied = new Map<string, number>();
  readonly #history: Pick<History, "snapshot">;

  constructor(history: Pick<History, "snapshot">) {
    this.#history = history;
  }

  committed(commit: Commit): void {
    if (commit.isForced) return this.#restart();
    for (const { transaction, outcome } of commit.applied.transactions) {
      const { request } = transaction;
      if (request === null || outcome.kind !== "done") continue;
      this.checks += 1;
      this.#note(request.client, request.sequence);
    }
  }

  /** What a log held when its manager went on alone counts, committed or not. */
  #restart(): void {
    for (const { client, sequence, outcome } of this.#history.snapshot().sessions) {
      if (outcome.kind === "done") this.#note(client, sequence);
    }
  }

  #note(client: string, sequence: number): void {
    const last = this.#applied.get(client) ?? 0;
    if (sequence > last) this.#applied.set(client, sequence);
  }

  acknowledged(request: ClientRequest, reply: ClientReply): void {
    if (request.kind !== "command" || reply.kind !== "outcome") return;
    if (reply.outcome.kind !== "done") return;
    this.checks += 1;
    const { client, sequence } = request.request;
    if ((this.#applied.get(client) ?? 0) >= sequence) return;
    const detail = `command ${sequence} of ${client} was acknowledged but never committed`;
    throw new BrokenInvariant(this.name, null, detail);
  }
}
