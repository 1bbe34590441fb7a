import type { ClientReply, ClientRequest } from "../../core/control/command.ts";
import type { Standing } from "../../core/model/standing.ts";
import type { StorageWrite } from "../../core/node/durable.ts";
import type { NodeMessage } from "../../core/node/message.ts";
import { EventKind, type SimEvent } from "../kernel.ts";
import type { Packet } from "../ports/network.ts";

/**
 * One handled event as a flat record, the fields in a fixed order: a line of a trace. What each
 * field means is in `docs/trace.schema.json`.
 */
export interface TraceRecord {
  /** Simulated microseconds. */
  readonly t: number;
  readonly n: number;
  readonly kind: string;
  readonly node: string | null;
  readonly [detail: string]: unknown;
}

const kindNames: Readonly<Record<EventKind, string>> = {
  [EventKind.STEP]: "step",
  [EventKind.DELIVER]: "deliver",
  [EventKind.WAKE]: "wake",
  [EventKind.DISK]: "synced",
  [EventKind.EXECUTOR]: "container",
  [EventKind.REQUEST]: "request",
  [EventKind.REPLY]: "reply",
  [EventKind.CLIENT]: "client",
  [EventKind.FAULT]: "fault",
  [EventKind.SIGNER]: "signer",
  [EventKind.AUTHORITY]: "authority",
  [EventKind.UNREACHABLE]: "unreachable",
};

/** The record of one event. `hosts` are the names by number. */
export function record(event: SimEvent, hosts: readonly string[]): TraceRecord {
  const { time, sequence, kind, host, subject } = event;
  const common = { t: time, n: sequence, kind: kindNames[kind], node: hosts[host] ?? null };
  switch (kind) {
    case EventKind.DELIVER: {
      const { from, message } = subject as Packet;
      const sender = { from: hosts[from], channel: message.kind };
      return { ...common, ...sender, ...describeMessage(message) };
    }
    case EventKind.UNREACHABLE:
      return { ...common, from: hosts[subject as number] };
    case EventKind.DISK:
      return { ...common, ...describeWrite(subject as StorageWrite) };
    case EventKind.REQUEST:
      return { ...common, ...describeRequest(subject as ClientRequest) };
    case EventKind.REPLY:
      return { ...common, ...describeReply(subject as ClientReply) };
    case EventKind.EXECUTOR:
      return { ...common, task: subject };
    case EventKind.WAKE:
      return common;
    default:
      return { ...common, what: subject };
  }
}

/** One line for a person. */
export function line(event: SimEvent, hosts: readonly string[]): string {
  const { t, n: _n, kind, node, ...details } = record(event, hosts);
  const told = Object.entries(details).map(([name, value]) => `${name}=${text(value)}`);
  return [`${(t / 1e6).toFixed(6)}s`, kind, node ?? "-", ...told].join(" ");
}

function text(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function describeMessage(message: NodeMessage): Record<string, unknown> {
  if (message.kind === "raft") {
    const { from: _from, to: _to, kind, ...rest } = message.message;
    return { message: kind, ...shorten(rest) };
  }
  if (message.kind === "forward")
    return { message: "forward", ...describeRequest(message.request) };
  if (message.kind === "forward-reply") {
    return { message: "forward-reply", ...describeReply(message.reply) };
  }
  if (!("message" in message)) return { message: message.kind, knows: message.incarnation };
  const { kind, ...rest } = message.message;
  return { message: kind, ...shorten(rest) };
}

/** Lists become the ids in them, a standing its version; other nested values are left out. */
function shorten(fields: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]): [string, unknown][] => {
      if (Array.isArray(value)) return [[name, value.map(short)]];
      if (name === "standing") return [[name, (value as Standing | null)?.version ?? null]];
      return typeof value === "object" && value !== null ? [] : [[name, value]];
    }),
  );
}

function short(item: unknown): unknown {
  if (typeof item !== "object" || item === null) return item;
  const fields = item as Record<string, unknown>;
  if ("index" in fields) return `${fields.index}/${fields.term}`;
  if ("status" in fields) {
    const status = fields.status as { state: number };
    return `${fields.name ?? fields.task}:${status.state}`;
  }
  return fields.id ?? fields.task ?? fields.client ?? "...";
}

function describeWrite(write: StorageWrite): Record<string, unknown> {
  const { number, raft, tasks, standing } = write;
  const entries = raft.flatMap((part) => part.entries).map(short);
  const place = standing === null ? {} : { standing: standing.memberId ?? "worker" };
  return { write: number, entries, tasks: [...tasks.keys()], ...place };
}

function describeRequest(request: ClientRequest): Record<string, unknown> {
  if (request.kind === "query") return { query: request.query.kind };
  const { client, sequence } = request.request;
  return { command: request.command.kind, client, sequence };
}

function describeReply(reply: ClientReply): Record<string, unknown> {
  if (reply.kind === "outcome") {
    const { outcome } = reply;
    return outcome.kind === "done"
      ? { outcome: "done", result: outcome.result }
      : { outcome: "refused", reason: outcome.rejection.message };
  }
  return reply.kind === "result" ? { result: reply.objects.length } : { tryAgain: reply.reason };
}
