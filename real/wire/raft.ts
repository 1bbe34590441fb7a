import type { RaftReport } from "../../core/control/command.ts";
import type { RaftStatus } from "../../core/raft/contract.ts";
import type {
  ConfigChange,
  ConfigStep,
  Entry,
  Membership,
  RaftMessage,
  Snapshot,
} from "../../core/raft/message.ts";
import type { FollowerProgress } from "../../core/raft/progress.ts";
import { flag, list, nullable, oneOf, text, texts } from "./codec.ts";
import { record, tagged, union } from "./messages.ts";
import { whole } from "./numbers.ts";
import { payload } from "./payload.ts";

const membership = record<Membership>("Membership", {
  voters: texts,
  outgoing: texts,
  learners: texts,
  learnersNext: texts,
  autoLeave: flag,
});

const status = record<RaftStatus>("RaftStatus", {
  id: text,
  role: oneOf<RaftStatus["role"]>("RaftRole", {
    follower: 1,
    "pre-candidate": 2,
    candidate: 3,
    leader: 4,
  }),
  term: whole,
  vote: nullable(text),
  leader: nullable(text),
  commit: whole,
  applied: whole,
  stable: whole,
  firstIndex: whole,
  lastIndex: whole,
  lastTerm: whole,
  membership,
});

const followerProgress = record<FollowerProgress>("FollowerProgress", {
  member: text,
  learner: flag,
  state: oneOf<FollowerProgress["state"]>("ProgressState", { probe: 1, replicate: 2, snapshot: 3 }),
  match: whole,
  next: whole,
  inflightMessages: whole,
  inflightBytes: whole,
  active: flag,
  reachable: flag,
});

export const raftReport = tagged<RaftReport>("raft-report", "RaftReport", {
  id: text,
  isManaging: flag,
  status,
  progress: list(followerProgress),
});

const configStep = record<ConfigStep>("ConfigStep", {
  kind: oneOf<ConfigStep["kind"]>("ConfigStepKind", {
    "add-voter": 1,
    "add-learner": 2,
    remove: 3,
  }),
  member: text,
});

const configChange = record<ConfigChange>("ConfigChange", {
  transition: oneOf<ConfigChange["transition"]>("Transition", {
    auto: 1,
    "joint-implicit": 2,
    "joint-explicit": 3,
  }),
  steps: list(configStep),
});

const place = { term: whole, index: whole };

export const raftEntry = union<Entry>("Entry", {
  empty: place,
  payload: { ...place, payload },
  config: { ...place, change: configChange },
});

const snapshotHead = { index: whole, term: whole, membership };

/** What is before the payload. */
export const raftSnapshotHead = record<Omit<Snapshot, "payload">>("Snapshot", snapshotHead);

/** The payload stays last: `snapshot-bytes.ts` reads it while it comes. */
export const raftSnapshot = record<Snapshot>("Snapshot", { ...snapshotHead, payload });

const addressed = { from: text, to: text, term: whole };
const vote = { ...addressed, lastIndex: whole, lastTerm: whole, transfer: flag };
const voteResponse = { ...addressed, granted: flag };
const readContext = { ...addressed, readContext: whole };

export const raftMessage = union<RaftMessage>("RaftMessage", {
  vote,
  "pre-vote": vote,
  "vote-response": voteResponse,
  "pre-vote-response": voteResponse,
  append: {
    ...addressed,
    prevIndex: whole,
    prevTerm: whole,
    entries: list(raftEntry),
    commit: whole,
  },
  "append-response": {
    ...addressed,
    index: whole,
    rejected: flag,
    hintIndex: whole,
    hintTerm: whole,
  },
  heartbeat: { ...readContext, commit: whole },
  "heartbeat-response": readContext,
  snapshot: { ...addressed, snapshot: raftSnapshot },
  "timeout-now": addressed,
  "read-index": readContext,
  "read-index-response": { ...readContext, index: nullable(whole), heard: texts },
});
