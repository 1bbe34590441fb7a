import type { ClientReply, ClientRequest } from "../../core/control/command.ts";
import type { Commit } from "../world/history.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";

/** A command that was answered with success is in the committed log, once. */
export class CommandsKept implements Checker {
  readonly name = "acknowledged-command-kept";
  readonly source = "Raft thesis 6.3: linearizable semantics for clients";
  checks = 0;
  readonly #applied = new Map<string, number>();

  committed(commit: Commit): void {
    for (const { transaction, outcome } of commit.applied.transactions) {
      const { request } = transaction;
      if (request === null || outcome.kind !== "done") continue;
      this.checks += 1;
      const last = this.#applied.get(request.client) ?? 0;
      if (request.sequence > last) this.#applied.set(request.client, request.sequence);
    }
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
