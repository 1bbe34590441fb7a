import type { StorageWrite } from "../../core/node/durable.ts";
import type { RaftInput, RaftOutput } from "../../core/raft/contract.ts";
import type { Membership, RaftMessage } from "../../core/raft/message.ts";
import type { Raft } from "../../core/raft/raft.ts";
import { CommittedIsDurable } from "../checkers/committed-is-durable.ts";
import { ElectionSafety } from "../checkers/election-safety.ts";
import { LeaderAppendOnly } from "../checkers/leader-append-only.ts";
import { LeaderCompleteness } from "../checkers/leader-completeness.ts";
import { LeadersHearQuorums, TransfersEnd } from "../checkers/leader-rules.ts";
import { MembershipAgrees } from "../checkers/membership-agrees.ts";
import { OnlyVotersCampaign } from "../checkers/only-voters-campaign.ts";
import { PromisesAreDurable } from "../checkers/promises-are-durable.ts";
import { QuorumsOverlap } from "../checkers/quorums-overlap.ts";
import { RaftLogs } from "../checkers/raft-logs.ts";
import { type MemberState, memberStateOf, stepCheckers } from "../checkers/raft-rules.ts";
import { ReadsAreFresh } from "../checkers/reads-are-fresh.ts";
import { StateMachineSafety } from "../checkers/state-machine-safety.ts";
import type { RaftMember } from "./member.ts";

/** Everyone who watches a Raft world, and who is told of what, in which order. */
export class RaftWatch {
  readonly logs: RaftLogs;
  readonly reads: ReadsAreFresh;
  readonly #elections = new ElectionSafety();
  readonly #appendOnly = new LeaderAppendOnly();
  readonly #completeness: LeaderCompleteness;
  readonly #states: StateMachineSafety;
  readonly #committed: CommittedIsDurable;
  readonly #promises = new PromisesAreDurable();
  readonly #memberships: MembershipAgrees;
  readonly #quorums: QuorumsOverlap;
  readonly #campaigns = new OnlyVotersCampaign();
  readonly #leaders: LeadersHearQuorums;
  readonly #transfers: TransfersEnd;
  readonly #steps = stepCheckers();
  #before: MemberState | null = null;

  constructor(members: readonly RaftMember[], bootstrap: Membership, electionTicks: number) {
    this.logs = new RaftLogs(members);
    this.reads = new ReadsAreFresh(this.logs);
    this.#completeness = new LeaderCompleteness(this.logs);
    this.#states = new StateMachineSafety(this.logs);
    this.#committed = new CommittedIsDurable(members, this.logs);
    this.#memberships = new MembershipAgrees(bootstrap);
    this.#quorums = new QuorumsOverlap(members);
    this.#leaders = new LeadersHearQuorums(electionTicks);
    this.#transfers = new TransfersEnd(electionTicks);
  }

  /** A member is about to take an input. */
  taking(member: RaftMember, input: RaftInput): void {
    this.#before = memberStateOf(member.raft as Raft, input);
    this.#leaders.taking(member, input);
  }

  /** A member has taken the input; nothing that follows from it is carried out yet. */
  took(member: RaftMember, input: RaftInput): void {
    const after = memberStateOf(member.raft as Raft, input);
    for (const checker of this.#steps) checker.took(member, this.#before as MemberState, after);
  }

  /** A member has taken the input, and the outputs are carried out. */
  stepped(member: RaftMember, input: RaftInput): void {
    const { raft } = member;
    if (raft !== null) {
      this.#elections.memberTurned(member, raft);
      this.#appendOnly.memberMoved(member, raft);
      this.#committed.memberMoved(member, raft);
      this.#campaigns.memberTurned(member, raft);
      this.#quorums.memberTurned(member, raft);
    }
    this.#leaders.stepped(member, input);
    this.#transfers.stepped(member, input);
  }

  /** A member's output is about to be carried out. */
  output(member: RaftMember, output: RaftOutput): void {
    switch (output.kind) {
      case "apply":
        for (const entry of output.entries) {
          this.#states.applied(member, entry.index);
          this.#memberships.applied(member, entry);
        }
        return;
      case "restore":
        this.#states.restored(member, output.snapshot.index);
        return this.#memberships.restored(member, output.snapshot);
      case "membership":
        return this.#memberships.told(member, output.membership);
      case "role":
        if (output.role === "leader") this.#elected(member, output.term);
        return;
      case "proposed":
      case "refused":
        return this.#transfers.answered(member, output);
      default:
    }
  }

  wrote(member: RaftMember, write: StorageWrite): void {
    this.#appendOnly.wrote(member, write);
    this.logs.wrote(member, write);
    for (const { snapshot } of write.raft) {
      if (snapshot !== null) this.#memberships.wrote(member, snapshot);
    }
  }

  durable(member: RaftMember, write: StorageWrite): void {
    this.logs.durable(member, write);
    this.#promises.durable(member, write);
  }

  sent(member: RaftMember, message: RaftMessage): void {
    this.#elections.raftSent(member, message);
    this.#promises.raftSent(member, message);
  }

  /** A member begins with what its disk holds. */
  started(member: RaftMember): void {
    const { snapshot } = member.disk.image;
    if (snapshot === null) return;
    this.#states.restored(member, snapshot.index);
    this.#memberships.restored(member, snapshot);
  }

  crashed(member: RaftMember): void {
    this.logs.crashed(member);
    this.#states.crashed(member);
    this.#committed.crashed(member);
  }

  #elected(member: RaftMember, term: number): void {
    this.#elections.elected(member, term);
    this.#completeness.elected(member, term);
  }
}
