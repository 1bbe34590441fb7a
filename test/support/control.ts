import type { Command } from "../../core/control/command.ts";
import { decide } from "../../core/control/control.ts";
import type { Transaction } from "../../core/model/change.ts";
import { isRejection, type Rejection } from "../../core/model/rejection.ts";
import type { Store } from "../../core/store/store.ts";
import { raftView } from "./raft.ts";
import { commit, context } from "./store.ts";

/** What a client's command becomes, its first one or that of the number. */
export function ask(store: Store, command: Command, sequence = 1): Transaction | Rejection {
  const request = { client: "cli", sequence };
  return decide(context(store, 0, sequence), raftView(), { command, request });
}

/** Carries the command out; says "done", or why it was refused. */
export function outcome(store: Store, command: Command, sequence = 1): string {
  const decided = ask(store, command, sequence);
  if (isRejection(decided)) return `${decided.code}: ${decided.message}`;
  commit(store, [decided]);
  return "done";
}
