import pino, { type Logger } from "pino";
import { stateName } from "../../core/model/task-state.ts";
import type { NodeEvent } from "../../core/node/event.ts";

/** Of lines that could not be written yet; those beyond it are lost. */
const unwrittenBytesMost = 1024 * 1024;

/**
 * One line of JSON for each thing that happened, on standard output. What can't be written, as the
 * disk that it goes to is full, keeps the node from nothing: it is tried again with the next line.
 */
export function newLog(level: string, node: string): Logger {
  const out = pino.destination({ dest: 1, sync: true, maxLength: unwrittenBytesMost });
  out.on("error", () => undefined);
  // Not `out` itself: before the process ends pino would wait until all is written.
  const stream = { write: (line: string) => out.write(line) };
  return pino({ level, base: { node }, timestamp: pino.stdTimeFunctions.isoTime }, stream);
}

function momentText(micros: number): string {
  return new Date(micros / 1000).toISOString();
}

/** Writes down what happens in the node. */
export function logEvent(log: Logger, event: NodeEvent): void {
  switch (event.kind) {
    case "role":
      return log.info({ role: event.role, term: event.term, leader: event.leader }, "raft role");
    case "manager-started":
    case "manager-stopped":
      return log.info({ term: event.term }, event.kind);
    case "restored":
      return log.info({ index: event.snapshot.index }, "restored from a snapshot");
    case "standing":
      return log.info(
        { member: event.standing.memberId },
        "the node's place in the cluster changed",
      );
    case "forced":
      return log.warn({ incarnation: event.incarnation }, "this manager goes on alone");
    case "force-refused":
      return log.error(event.reason);
    case "lost-entries":
      // The daemon ends with it.
      return;
    case "task":
      return log.debug(
        { task: event.task.id, name: event.task.name, state: stateName(event.task.status.state) },
        "task",
      );
    case "certified": {
      const { serial, role, notAfter } = event.certificate;
      return log.info({ serial, role, notAfter: momentText(notAfter) }, "a new certificate");
    }
    case "certificate-refused":
      return log.error({ reason: event.reason }, "the cluster gives this node no certificate");
    case "registration-refused":
      return log.error(
        { reason: event.reason },
        "the cluster does not let this node in: what it runs is stopped",
      );
    case "external-ca-failed":
      return log.warn(
        { of: event.node, url: event.url, reason: event.reason },
        "an external CA has not signed a certificate",
      );
    case "denied":
      // The network says so, and not for each message.
      return;
    case "applied":
      return log.trace({ index: event.index }, "applied");
  }
}
