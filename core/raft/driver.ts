import { sortedText } from "../base/order.ts";
import { noBug } from "../base/planted.ts";
import { Random } from "../base/random.ts";
import type { RaftConfig, RaftDurable, RaftWrite, RandomSource } from "./contract.ts";
import { raftDefaults } from "./defaults.ts";
import { simpleMembership } from "./membership.ts";
import type { Entry, MemberId } from "./message.ts";
import { Raft } from "./raft.ts";

/**
 * All that a program outside the project needs to drive a member: `createRaft` makes it from its
 * configuration and what is on its disk; the machine's `step`, `status` and `progress` do the rest.
 * `README.md` has a complete example. A host keeps its disk as it likes: `durableAfter` is what the
 * contract says about writes, as a function.
 */
export type {
  RaftConfig,
  RaftDurable,
  RaftInput,
  RaftOutput,
  RaftStatus,
  RaftWrite,
  RandomSource,
  RefusedReason,
  Role,
} from "./contract.ts";
export type {
  ConfigChange,
  ConfigStep,
  Entry,
  EntryData,
  HardState,
  MemberId,
  Membership,
  Payload,
  RaftMessage,
  Snapshot,
} from "./message.ts";
export type { FollowerProgress, ProgressState } from "./progress.ts";
export type { Raft } from "./raft.ts";

/** What may be chosen of a member's behaviour; `defaults` says what happens otherwise. */
export type RaftOptions = Partial<Omit<RaftConfig, "id" | "planted" | "probe">>;

export interface MemberStart {
  readonly id: MemberId;
  /** `emptyDurable` for a new member; later what the disk was found to hold. */
  readonly durable: RaftDurable;
  /** A stream of its own for every life of every member, as `randomStream` makes them. */
  readonly random: RandomSource;
  readonly options?: RaftOptions;
}

/** A member, as it starts or starts again. */
export function createRaft({ id, durable, random, options }: MemberStart): Raft {
  return new Raft({ config: { id, ...raftDefaults, ...options, planted: noBug }, durable, random });
}

/** The random stream of one life of a member; the same arguments give the same stream. */
export function randomStream(seed: number, member: MemberId, life: number): RandomSource {
  return new Random([seed, 0, 0, 1]).split(`${member}.${life}`);
}

/**
 * The empty disk of a member of a cluster that starts with `voters`. One without voters waits for
 * a snapshot to learn who they are.
 */
export function emptyDurable(
  voters: readonly MemberId[],
  learners: readonly MemberId[] = [],
): RaftDurable {
  const bootstrap = simpleMembership(sortedText(voters), sortedText(learners));
  return { hardState: { term: 0, vote: null }, snapshot: null, entries: [], bootstrap };
}

/** What `durable` is once `write` is carried out, whole. */
export function durableAfter(durable: RaftDurable, write: RaftWrite): RaftDurable {
  const { hardState, snapshot, entries, compactTo } = write;
  const kept = snapshot === null ? durable.entries : [];
  return {
    hardState: hardState ?? durable.hardState,
    snapshot: snapshot ?? durable.snapshot,
    entries: replacedFrom(kept, entries).filter(({ index }) => index >= compactTo),
    bootstrap: durable.bootstrap,
  };
}

function replacedFrom(kept: readonly Entry[], entries: readonly Entry[]): Entry[] {
  const first = entries[0]?.index ?? Number.POSITIVE_INFINITY;
  return [...kept.filter(({ index }) => index < first), ...entries];
}
