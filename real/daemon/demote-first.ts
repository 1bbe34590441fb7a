import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "pino";
import type { ClientRequest } from "../../core/control/command.ts";
import { askPatiently, objectsOf, resultOf, untilNewest } from "../api/patience.ts";
import type { NodeRunner } from "./node-runner.ts";

/** How long a leader may be missing: without one the manager leaves as it is. */
const patienceMs = 5_000;
/** How long a manager waits to become a worker (SwarmKit `roleChangeTimeout`). */
const roleChangeMs = 16_000;
const lookEveryMs = 50;

/**
 * A manager that leaves is demoted first, as its user could do, so that it is missed by no quorum:
 * Docker leaves its vote with the others. Where the cluster refuses that, as it is the last one or
 * they would be no quorum, or where nobody can be asked, it leaves all the same. Never rejects.
 */
export async function demoteFirst(node: NodeRunner, log: Logger): Promise<void> {
  if (!node.isManager) return;
  try {
    await untilNewest(() => demote(node));
    for (const end = performance.now() + roleChangeMs; node.isManager; await pause(lookEveryMs)) {
      if (performance.now() >= end) throw new Error("the others did not let it go in time");
    }
  } catch (error) {
    const { message: reason } = error as Error;
    log.warn({ reason }, "the manager leaves with its vote: remove it from the cluster");
  }
}

async function demote(node: NodeRunner): Promise<void> {
  const ask = (request: ClientRequest) => askPatiently(patienceMs, () => node.control.ask(request));
  const query = { kind: "get-node", id: node.id } as const;
  const found = await ask({ kind: "query", query, consistency: "linearizable" });
  const [own] = objectsOf<"get-node">(found);
  if (own === undefined) throw new Error("the cluster does not know it");
  const { id, meta, spec } = own;
  const command = {
    ...({ kind: "update-node", id, version: meta.version } as const),
    spec: { ...spec, desiredRole: "worker" },
  } as const;
  const request = { client: randomUUID(), sequence: 1 };
  resultOf(await ask({ kind: "command", request, command }));
}
