/** Every bound in the system, with the reason beside it. */
export const limits = {
  /** Changes in one Raft entry (SwarmKit `MaxChangesPerTransaction`): keeps entries small. */
  changesPerEntry: 200,
  /** Replicas or completions of one service: each is a task in the memory of every manager. */
  tasksOfService: 1_000_000,
  /** Bytes of one Raft entry, and of a command in it (SwarmKit `MaxTransactionBytes`). */
  entryBytes: 1536 * 1024,
  /** Clients whose last command is remembered; the one silent for longest is forgotten first. */
  clientSessions: 10_000,
  /** Commands that wait for their turn at the leader; the next is told to try again. */
  waitingCommands: 1_000,
  /** Requests that one manager has handed on and waits for; the next is told to try again. */
  forwardedRequests: 1_000,
  /** Reads at one manager that wait for a quorum; the next is told to try again. */
  waitingReads: 1_000,
  /** Nodes that wait at the leader for a certificate; the next must ask again. */
  certificateRequests: 1_000,
  /** Certificates that authorities outside are asked for at a time; the next waits for its turn. */
  externalRequests: 32,
  /**
   * Bytes of a snapshot in one message: heartbeats behind it on the connection must get by, where
   * that takes 4 Mbit/s too.
   */
  snapshotChunkBytes: 256 * 1024,
  /** Roots that were replaced and vouch for the next: each is a kilobyte in every certificate. */
  formerRoots: 8,
  /** Nodes that were removed and are remembered; the first of more than that may come back. */
  removedNodes: 1_000,
  /** Failures of tasks that weigh nodes down; with more than these the oldest are forgotten. */
  rememberedFailures: 10_000,
  /** Connections through this node at a time, and senders over UDP; the next is refused. */
  ingressConnections: 16_384,
  /**
   * The longest span that anybody may set, in microseconds: a hundred years. What is that far from
   * now can be counted; with what is much further nobody could read what was stored.
   */
  longestSpan: 100 * 365 * 86_400 * 1_000_000,
  /** Characters of a task's message, and of its error: an engine's own words may be long. */
  statusText: 4_096,
  /** Characters of what a node says of itself: engine labels, plugins, names of resources. */
  descriptionText: 65_536,
  /** Reports of tasks in one message of an agent: with texts as long as may be, half the next. */
  reportsInMessage: 64,
  /** Bytes of a message of a node that is no manager: the leader is not to read one for long. */
  agentMessageBytes: 4 * 1024 * 1024,
  /** Ports at which a task says that its node answers. */
  statusPorts: 1_000,
  /** Characters of one use of a template, each step as ten: repetition in repetition grows fast. */
  templateWork: 2_000_000,
  /** Nodes in all the scheduler's orders together; the order unused for longest goes first. */
  orderedNodes: 8_000_000,
} as const;
