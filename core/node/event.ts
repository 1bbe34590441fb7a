import type { ExternalFailure } from "../ca/external-signing.ts";
import type { Certificate } from "../model/certificate.ts";
import type { StoreEntry } from "../model/change.ts";
import type { Standing } from "../model/standing.ts";
import type { Task } from "../model/task.ts";
import type { Role } from "../raft/contract.ts";
import type { Snapshot } from "../raft/message.ts";
import type { AppliedEntry, StoreSnapshot } from "../store/store.ts";

/** What happens inside a node, for logs, checkers and views. */
export type NodeEvent =
  | {
      readonly kind: "role";
      readonly role: Role;
      readonly term: number;
      readonly leader: string | null;
    }
  /** The node leads and has caught up: its planners and its dispatcher run. */
  | { readonly kind: "manager-started"; readonly term: number }
  | { readonly kind: "manager-stopped"; readonly term: number }
  | {
      readonly kind: "applied";
      readonly index: number;
      readonly entry: StoreEntry | null;
      readonly applied: AppliedEntry;
    }
  | { readonly kind: "restored"; readonly snapshot: StoreSnapshot }
  /** The node no longer takes part in Raft, or does so under a new name. */
  | { readonly kind: "standing"; readonly standing: Standing }
  /** The node goes on without the other managers, from this snapshot on. */
  | { readonly kind: "forced"; readonly incarnation: number; readonly snapshot: Snapshot }
  /** The node was to go on alone, but other managers are there, or it is not a manager. */
  | { readonly kind: "force-refused"; readonly reason: string }
  /** This manager's log ends at `held`, before the entry that it has acknowledged to its leader. */
  | { readonly kind: "lost-entries"; readonly acknowledged: number; readonly held: number }
  /** The agent has moved a task to a new state. */
  | { readonly kind: "task"; readonly task: Task }
  /** The node has a new certificate, and shows it from now on. */
  | { readonly kind: "certified"; readonly certificate: Certificate }
  /** The leader gives the node no certificate; it goes on asking. */
  | { readonly kind: "certificate-refused"; readonly reason: string }
  /** The leader does not let the node in, which stops what it runs and goes on asking. */
  | { readonly kind: "registration-refused"; readonly reason: string }
  /** The leader has asked an authority outside for a node's certificate, in vain. */
  | ExternalFailure
  /** A message was not let in. */
  | { readonly kind: "denied"; readonly from: string; readonly reason: string };
