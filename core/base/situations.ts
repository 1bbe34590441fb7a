/** Rare situations that tests must reach, or they prove little: each with what it is. */
export const situations = {
  "snapshot-during-membership-change": "a snapshot is made while a change of members is pending",
  "leader-removed-steps-down": "a leader applies its own removal",
  "leader-without-quorum-steps-down": "a leader hears no quorum for an election timeout",
  "leadership-handed-over": "a leader tells another member to campaign at once",
  "transfer-runs-out": "the member that was to take over has not done so in time",
  "older-term-entry-waits": "a quorum holds an entry of an older term, which does not commit it",
  "snapshot-given-up": "a snapshot for a follower could not be delivered",
  "snapshot-resumed": "a snapshot goes on where an earlier try to send it was given up",
  "snapshot-begun-anew":
    "a snapshot is sent from the start, where a part of an earlier one has come",
  "snapshot-replaces-log": "a follower's log is replaced by a snapshot",
  "snapshot-is-no-news": "a snapshot arrives whose entries are there already",
  "conflict-cut-off": "a follower cuts off entries that contradict its leader",
  "member-change-cut-off": "a change of members is cut off before it was committed",
  "vote-under-live-leader": "a member ignores a vote request because it hears its leader",
  "stale-leader-told": "a leader of an earlier term is told of the later one",
  "campaign-lost": "a campaign is refused by a majority",
  "learner-votes": "a member votes that does not know yet whether it may",
  "leaving-member-campaigns": "a member campaigns whose removal is not committed yet",
  "write-outlives-term": "a write is safe only after the term in which it promised something",
  "lease-read": "a leader answers a read by its lease",
  "lease-read-after-transfer": "a read finds a lease that a handover has ended",
  "read-waits-for-term": "a read waits until the new leader knows what is committed",
  "update-taken-over": "a leader begins while a service is being updated",
  "rollback-taken-over": "a leader begins while a service is being rolled back",
  "drain-taken-over": "a leader begins while a node is being emptied",
  "entry-refused-and-kept": "an entry is proposed again that Raft would not take",
  "command-asked-again": "a command comes a second time, and is answered from memory",
  "silent-node-given-up": "a node is called down for its silence",
  "engine-given-up": "a node is called down because its container engine does not answer",
  "leader-stood-still": "a leader finds that time has passed in which it did nothing",
  "assignments-sent-again": "a node has not acknowledged its tasks in time",
  "session-taken-over": "a node registers while its old session is open",
  "container-outlived-daemon": "a starting node finds a container of its own running",
  "container-lost": "a starting node misses the container of a task that ran",
  "unknown-container-cleaned": "a starting node finds a container of no task of its own",
  "older-incarnation-ended": "a node learns that its cluster was started anew without it",
  "force-new-cluster-refused": "a manager that was to go on alone finds that the others are there",
} as const;

export type Situation = keyof typeof situations;

/** What must hold whenever it is looked at, or never happen. */
export const claims = {
  "applied-is-durable": "a member applies only what is on its own disk",
  "tasks-are-of-this-node": "an agent is assigned tasks of its own node only",
  "one-leader-in-a-term": "a leader never hears of another leader of its own term",
  "planned-at-newest-state":
    "a leader decides only against a state that nothing is about to change",
} as const;

export type Claim = keyof typeof claims;

/** Places where the unusual can be made usual: each with what happens there. */
export const buggifyPoints = {
  "tiny-append": "an append carries one entry",
  "one-append-in-flight": "a leader waits for the answer to each append",
  "early-election": "a follower is less patient than most",
  "snapshot-every-entry": "a snapshot is made after each entry",
  "no-log-behind-snapshot": "nothing of the log is kept for slow followers",
  "tiny-chunks": "a snapshot is sent in chunks of a few bytes",
  "busy-leader": "a command finds the queue of the leader full",
  "busy-forwarder": "a command finds too many handed on",
  "busy-reader": "a read finds too many waiting",
  "small-entry": "an entry of the log takes in a single transaction",
  "session-dropped": "an agent gives up its session without need",
  "complete-set": "a node is sent all its tasks where a few have changed",
  "single-report": "an agent reports one task at a time",
} as const;

export type BuggifyPoint = keyof typeof buggifyPoints;
