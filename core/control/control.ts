import { unreachable } from "../base/assert.ts";
import type { RequestId, Transaction } from "../model/change.ts";
import { levelOf } from "../model/level.ts";
import { isRejection, type Rejection, rejection } from "../model/rejection.ts";
import type { PlanContext } from "../plan/plan.ts";
import type { RaftView } from "../raft/reach.ts";
import { rotateJoinToken, rotateRoot } from "./ca.ts";
import { rotateUnlockKey, updateCluster } from "./cluster.ts";
import type { ClientCommand, Command } from "./command.ts";
import type { Decided } from "./decided.ts";
import { createFile, removeFile, updateFile } from "./files.ts";
import { createNetwork, removeNetwork } from "./networks.ts";
import { removeNode, updateNode } from "./nodes.ts";
import {
  createService,
  rebalanceService,
  removeService,
  rollbackService,
  updateService,
} from "./services.ts";
import { removeTask } from "./tasks.ts";
import { createVolume, removeVolume, updateVolume } from "./volumes.ts";

/** Checks a command against what is stored: the changes that carry it out, or why not. */
export function decide(
  context: PlanContext,
  raft: RaftView,
  { command, request }: Pick<ClientCommand, "command" | "request">,
): Transaction | Rejection {
  const decided = changesFor(context, raft, command);
  if (isRejection(decided)) return decided;
  const tooNew = problemOfLevel(context.view.cluster?.level ?? 1, decided);
  if (tooNew !== null) return tooNew;
  return { actor: "control", changes: decided.changes, request, result: decided.id };
}

/**
 * Why a manager of this level does not hand the command on to that leader, by what is stored here:
 * an older one would carry out what it can read, without a word of the rest. Null: it may.
 */
export function unreadBy(
  leader: string | null,
  ownLevel: number,
  context: PlanContext,
  raft: RaftView,
  { command }: Pick<ClientCommand, "command">,
): Rejection | null {
  const level = context.view.nodes.get(leader ?? "")?.description.level ?? ownLevel;
  if (level >= ownLevel) return null;
  const decided = changesFor(context, raft, command);
  return isRejection(decided) ? null : problemOfLevel(level, decided);
}

/** While a cluster is upgraded, what its older nodes can't read is not to be had. */
function problemOfLevel(level: number, { changes }: Decided): Rejection | null {
  const isRead = changes.every(
    (change) => change.kind === "remove" || levelOf(change.object) <= level,
  );
  if (isRead) return null;
  const words = "a node of the cluster is too old for what is asked: upgrade or remove it";
  return rejection("FailedPrecondition", words);
}

/**
 * A refusal as something to commit. It tells of the state that it was decided against, so it is
 * answered only once a quorum has agreed that this was the newest; and it holds for every retry.
 */
export function refused(request: RequestId, refusal: Rejection): Transaction {
  return { actor: "control", changes: [], request, result: "", refusal };
}

function changesFor(
  { view, now, random, secrets, planted }: PlanContext,
  raft: RaftView,
  command: Command,
): Decided | Rejection {
  switch (command.kind) {
    case "create-service":
      return createService(view, command.spec, random, now);
    case "update-service":
      return updateService(view, command, now, planted);
    case "rollback-service":
      return rollbackService(view, command, now);
    case "rebalance-service":
      return rebalanceService(view, command.id, now);
    case "remove-service":
      return removeService(view, command.id);
    case "remove-task":
      return removeTask(view, command.id);
    case "update-node":
      return updateNode(view, command, raft);
    case "remove-node":
      return removeNode(view, command, raft);
    case "create-secret":
      return createFile(view, "secret", command.spec, random);
    case "update-secret":
      return updateFile(view, "secret", command);
    case "remove-secret":
      return removeFile(view, "secret", command.id);
    case "create-config":
      return createFile(view, "config", command.spec, random);
    case "update-config":
      return updateFile(view, "config", command);
    case "remove-config":
      return removeFile(view, "config", command.id);
    case "create-volume":
      return createVolume(view, command.spec, random);
    case "update-volume":
      return updateVolume(view, command);
    case "remove-volume":
      return removeVolume(view, command.id);
    case "create-network":
      return createNetwork(view, command.spec, random, planted);
    case "remove-network":
      return removeNetwork(view, command.id, planted);
    case "update-cluster":
      return updateCluster(view, command, { secrets, now });
    case "rotate-unlock-key":
      return rotateUnlockKey(view, secrets);
    case "rotate-join-token":
      return rotateJoinToken(view, command.role, secrets);
    case "rotate-root":
      return rotateRoot(view, command.root);
    default:
      return unreachable(command);
  }
}
