import type { RaftConfig } from "./contract.ts";

/** How a member behaves unless its host says otherwise; ticks as in SwarmKit. */
export const raftDefaults = {
  electionTicks: 10,
  heartbeatTicks: 1,
  preVote: true,
  checkQuorum: true,
  reads: "safe",
  maxClockDriftPpm: 100_000,
  maxMessageBytes: 65_536,
  maxInflightMessages: 256,
  maxInflightBytes: 16 * 1024 * 1024,
  maxUncommittedBytes: 64 * 1024 * 1024,
  probe: null,
} as const satisfies Omit<RaftConfig, "id" | "planted">;
