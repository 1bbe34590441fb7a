import type { ClientReply } from "../control/command.ts";

type TryAgain = ClientReply & { readonly kind: "try-again" };

/** What a client hears whose request has come to a node that is no manager. Docker's words. */
export function notManager(leader: string | null): TryAgain {
  const reason =
    "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster " +
    "state. Please run this command on a manager node or promote the current node to a manager.";
  return { kind: "try-again", leader, reason };
}

/** What becomes of a request to a manager that asks whether it may go on alone. Docker's words. */
export function notYetManager(): ClientReply {
  const reason =
    "This node is not a swarm manager. Manager is being prepared or has trouble connecting to " +
    "the cluster.";
  return { kind: "try-again", leader: null, reason };
}

/** What a client hears whose read was not confirmed. */
export function unconfirmed(leader: string | null): ClientReply {
  const reason = "no quorum of managers has confirmed the read";
  return { kind: "try-again", leader, reason };
}

/** What a client hears when nobody could be asked, but perhaps `leader`. SwarmKit's words. */
export function noLeader(leader: string | null): ClientReply {
  const reason =
    "The swarm does not have a leader. It's possible that too few managers are online. " +
    "Make sure more than half of the managers are online.";
  return { kind: "try-again", leader, reason };
}
