import type { ClientReply } from "../control/command.ts";

/** What becomes of a request to a manager that asks whether it may go on alone. Docker's words. */
export function notYetManager(): ClientReply {
  const reason =
    "This node is not a swarm manager. Manager is being prepared or has trouble connecting to " +
    "the cluster.";
  return { kind: "try-again", leader: null, reason };
}

/** What becomes of a request to a node that is no manager. The words are Docker's. */
export function notManager(leader: string | null): ClientReply {
  const reason =
    "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster " +
    "state. Please run this command on a manager node or promote the current node to a manager.";
  return { kind: "try-again", leader, reason };
}
