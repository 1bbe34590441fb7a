import { unreachable } from "../base/assert.ts";
import type { Traffic } from "../ca/admission.ts";
import type { CaAnswer } from "../ca/message.ts";
import type { NodeMessage } from "./message.ts";

/** What a message is about, for a node of this incarnation of the cluster. */
export function trafficOf(message: NodeMessage, incarnation: number): Traffic {
  const isOlder = message.incarnation < incarnation;
  if (isOlder && message.kind !== "ca-request") return "hint";
  switch (message.kind) {
    case "raft":
    case "snapshot":
    case "are-you-there":
    case "here-i-am":
      return "raft";
    case "forward":
    case "forward-reply":
      return "forward";
    case "dispatcher":
      return message.message.kind === "not-leader" ? "hint" : "dispatcher";
    case "ca-answer":
      return isHint(message.message) ? "hint" : "ca-answer";
    case "superseded":
      return "hint";
    case "agent":
    case "ca-request":
      return message.kind;
    default:
      return unreachable(message);
  }
}

/** A root is believed for its digest, whoever tells it. */
export function isHint({ kind }: CaAnswer): boolean {
  return kind === "root" || kind === "ask-leader";
}

/**
 * What is also said to a peer that has not proven that it belongs to the cluster: the answers to a
 * join, and that it is out. None of it is a secret.
 */
export function isForGuests(message: NodeMessage): boolean {
  if (message.kind === "ca-answer") return true;
  return message.kind === "dispatcher" && message.message.kind === "registration-refused";
}

/**
 * True of what comes in a series, which only helps in its order, or may be large. All else is
 * small, and of no use when it is late: it is to get by.
 */
export function isBulk(message: NodeMessage): boolean {
  switch (message.kind) {
    case "raft":
      return message.message.kind === "append";
    case "snapshot":
      return message.message.kind === "chunk";
    case "dispatcher":
      return message.message.kind === "assignments";
    case "agent":
      return message.message.kind === "task-status";
    case "forward":
    case "forward-reply":
      return true;
    default:
      return false;
  }
}
