import type { Standing } from "../model/standing.ts";
import type { RaftStart } from "../raft/contract.ts";
import { raftDefaults } from "../raft/defaults.ts";
import { simpleMembership } from "../raft/membership.ts";
import type { MemberId } from "../raft/message.ts";
import type { NodeConfig } from "./config.ts";
import type { Durable } from "./durable.ts";

/** How Raft begins on a node: with the voters of the log's beginning, if it has no log yet. */
export function raftStart(
  { raft, planted, probe = null }: NodeConfig,
  { founders: voters }: Standing,
  durable: Durable,
  id: MemberId,
): Omit<RaftStart, "random"> {
  const { electionTicks, heartbeatTicks, reads, maxClockDriftPpm } = raft;
  const chosen = { electionTicks, heartbeatTicks, reads, maxClockDriftPpm };
  const hardState = durable.hardState ?? { term: 0, vote: null };
  return {
    config: { id, planted, ...raftDefaults, ...chosen, probe },
    durable: { bootstrap: simpleMembership(voters), ...durable, hardState },
  };
}
