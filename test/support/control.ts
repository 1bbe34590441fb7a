import type { Command } from "../../core/control/command.ts";
import { decide, isRejection } from "../../core/control/control.ts";
import type { Transaction } from "../../core/model/change.ts";
import type { Rejection } from "../../core/model/rejection.ts";
import type { Store } from "../../core/store/store.ts";
import { moment } from "./model.ts";
import { raftView } from "./raft.ts";
import { chance, commit } from "./store.ts";

/** What a client's command becomes, its first one or that of the number. */
export function ask(store: Store, command: Command, sequence = 1): Transaction | Rejection {
  return decide(
    store,
    command,
    { client: "cli", sequence },
    chance(sequence),
    moment(0),
    raftView(),
  );
}

/** Carries the command out; says "done", or why it was refused. */
export function outcome(store: Store, command: Command, sequence = 1): string {
  const decided = ask(store, command, sequence);
  if (isRejection(decided)) return `${decided.code}: ${decided.message}`;
  commit(store, [decided]);
  return "done";
}
