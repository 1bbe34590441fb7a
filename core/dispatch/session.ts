import { type Duration, type Instant, seconds } from "../base/time.ts";
import type { Cluster } from "../model/cluster.ts";
import type { Node, NodeDescription, NodeState } from "../model/node.ts";
import type { RecordedReport, SessionNode } from "./message.ts";

/** For how long an agent may acknowledge nothing at first before it is sent everything again. */
export const resendFirst = seconds(2);

/** What a node was told of itself, and all of what it follows. */
interface Told {
  readonly node: Node;
  readonly cluster: Cluster;
  readonly managers: readonly string[];
  readonly sessionNode: SessionNode;
}

/** What the leader keeps of one agent that has registered with it. */
export interface Session {
  readonly id: string;
  readonly nodeId: string;
  /** What the node said of itself; in the store once the session is confirmed. */
  readonly description: NodeDescription;
  /** What the node said last: for how long its container engine has not answered. */
  engineSilentFor: Duration;
  /**
   * As it was reported. Null until the agent has used the session, which proves that it can also
   * hear the leader; or when it is to be reported anew.
   */
  state: NodeState | null;
  /** What the node was told of itself last; null: nothing. */
  told: Told | null;
  /** True when the node's role has changed and it was not told yet. */
  hasNewStanding: boolean;
  /** Numbers the sets of assignments; `acknowledged <= sequence`. */
  sequence: number;
  acknowledged: number;
  /** The period it was last told. If it did not hear that, it goes by the one before. */
  period: Duration;
  /** The longer of the two: what the node's silence is measured in. */
  patience: Duration;
  /** While it has yet to acknowledge a set: since when it has acknowledged none. */
  silentSince: Instant;
  /** For how long it may acknowledge none before it is sent everything, at most. */
  resendAfter: Duration;
  /** Of the sets sent since it had acknowledged all of them, roughly. */
  bytesUnderWay: number;
  /** Tasks to be told of: true for those that it has not been told of before. */
  readonly changed: Map<string, boolean>;
  /** The overlays that it was told of, and not told that it has left. */
  readonly overlays: Set<string>;
  /** Tasks whose reports are now in the store. */
  readonly recorded: RecordedReport[];
}

/** A session with a node that is told to beat in `period`. */
export function newSession(
  id: string,
  node: Pick<Session, "nodeId" | "description" | "engineSilentFor">,
  period: Duration,
  now: Instant,
): Session {
  return {
    id,
    nodeId: node.nodeId,
    description: node.description,
    engineSilentFor: node.engineSilentFor,
    told: null,
    hasNewStanding: false,
    state: null,
    sequence: 0,
    acknowledged: 0,
    period,
    patience: period,
    silentSince: now,
    resendAfter: resendFirst,
    bytesUnderWay: 0,
    changed: new Map(),
    overlays: new Set(),
    recorded: [],
  };
}
