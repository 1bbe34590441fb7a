import type { NodeMessage } from "../../core/node/message.ts";
import type { MessageLabel } from "./run-record.ts";

/** Labels by their text, numbered in the order in which they were first used. */
export class Labels {
  readonly labels: MessageLabel[] = [];
  readonly #numbers = new Map<string, number>();

  numberOf(message: NodeMessage): number {
    const kind = "message" in message ? message.message.kind : message.kind;
    const text = `${kind}${detailOf(message)}`;
    const key = `${message.kind} ${text}`;
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.labels.length;
      this.#numbers.set(key, number);
      this.labels.push({ channel: message.kind, text });
    }
    return number;
  }
}

function detailOf(message: NodeMessage): string {
  if (message.kind === "forward") return ` ${message.request.command.kind}`;
  if (message.kind === "dispatcher" && message.message.kind === "assignments") {
    const { type, tasks, removed } = message.message;
    return `, ${type}: ${tasks.length} tasks, ${removed.length} removed`;
  }
  if (message.kind === "agent" && message.message.kind === "task-status") {
    return ` of ${message.message.reports.length} tasks`;
  }
  if (message.kind !== "raft") return "";
  const raft = message.message;
  const term = `, term ${raft.term}`;
  if (raft.kind === "append") return ` of ${raft.entries.length} entries${term}`;
  if (raft.kind === "append-response") return `${raft.rejected ? ", rejected" : ""}${term}`;
  if (raft.kind === "vote-response" || raft.kind === "pre-vote-response") {
    return `, ${raft.granted ? "granted" : "refused"}${term}`;
  }
  return term;
}
