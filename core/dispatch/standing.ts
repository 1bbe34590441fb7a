import { sortedText } from "../base/order.ts";
import type { Cluster } from "../model/cluster.ts";
import type { Node } from "../model/node.ts";
import { securityOf } from "../model/security.ts";
import { nodeOfMember, type Standing } from "../model/standing.ts";
import type { Membership } from "../raft/message.ts";
import type { RaftView } from "../raft/reach.ts";
import type { StoreView } from "../store/view.ts";
import type { SessionNode } from "./message.ts";
import type { Session } from "./session.ts";

/** What nodes are told of themselves, with each heartbeat. */
export class Standings {
  readonly #view: StoreView;
  readonly #raft: Pick<RaftView, "membership">;
  /** The membership that was last looked at, and its managers. */
  #membership: Membership | null = null;
  #managers: readonly string[] = [];

  constructor(view: StoreView, raft: Pick<RaftView, "membership">) {
    this.#view = view;
    this.#raft = raft;
  }

  /** All that a node is told of itself in its session: most hear the same with every beat. */
  sessionNode(session: Session): SessionNode {
    const { cluster, nodes } = this.#view;
    const node = nodes.get(session.nodeId);
    if (node === undefined || cluster === null) return { standing: null, security: null };
    const { managers } = this;
    const { told } = session;
    if (told?.node === node && told.cluster === cluster && told.managers === managers) {
      return told.sessionNode;
    }
    const standing = this.#standing(cluster, node);
    const sessionNode = { standing, security: securityOf(cluster, node) };
    session.told = { node, cluster, managers, sessionNode };
    return sessionNode;
  }

  #standing({ incarnation, founders }: Cluster, { meta, raftId: memberId }: Node): Standing {
    return { incarnation, version: meta.version, memberId, managers: this.managers, founders };
  }

  /** The nodes that vote in Raft, sorted: each of them knows who leads. One list a membership. */
  get managers(): readonly string[] {
    const { membership } = this.#raft;
    if (membership === this.#membership) return this.#managers;
    this.#membership = membership;
    this.#managers = sortedText(membership.voters.map(nodeOfMember));
    return this.#managers;
  }
}

/** True when a node is not to wait for the next heartbeat to learn what has changed. */
export function mustHear(previous: Node, current: Node): boolean {
  const mustRenew = current.certificate?.mustRenew === true;
  const isNew = mustRenew && previous.certificate?.mustRenew !== true;
  return isNew || previous.raftId !== current.raftId;
}
