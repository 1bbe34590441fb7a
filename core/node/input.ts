import type {
  ExecutorEvent,
  ExecutorRequest,
  ExistingContainer,
} from "../agent/executor-request.ts";
import type { RandomSeed } from "../base/random.ts";
import type { SecretSeed } from "../base/secrets.ts";
import type { ExternalAnswer, ExternalRequest } from "../ca/external-request.ts";
import type { HeldIdentity, SignerAnswer, SignerRequest } from "../ca/signer-request.ts";
import type { ClientReply, ClientRequest } from "../control/command.ts";
import type { Certificate } from "../model/certificate.ts";
import type { Route } from "../model/ingress.ts";
import type { OverlayState } from "../model/overlay.ts";
import type { Durable, StorageWrite } from "./durable.ts";
import type { NodeEvent } from "./event.ts";
import type { NodeMessage } from "./message.ts";

/**
 * All that ever reaches a node. With the moment at which it came, a list of these replays a node's
 * life: nothing else goes in, chance included.
 */
export type NodeInput =
  /** The first input, and the only one of its kind. */
  | {
      readonly kind: "boot";
      readonly seed: RandomSeed;
      readonly secretSeed: SecretSeed;
      readonly durable: Durable;
      readonly containers: readonly ExistingContainer[];
      readonly identity: HeldIdentity;
    }
  /** The timer that was set has run out. Harmless when it comes early or twice. */
  | { readonly kind: "wake" }
  | {
      readonly kind: "message";
      /** This node's own id only for what has not left the machine. */
      readonly from: string;
      /** What the sender's connection has shown; null when it has shown none. */
      readonly certificate: Certificate | null;
      readonly message: NodeMessage;
    }
  /** The machine of this other node has answered that nobody listens there. */
  | { readonly kind: "unreachable"; readonly node: string }
  /** The storage write `number`, and all before it, would survive a crash. */
  | { readonly kind: "written"; readonly number: number }
  | { readonly kind: "executor"; readonly event: ExecutorEvent }
  | { readonly kind: "signed"; readonly answer: SignerAnswer }
  /** An authority outside the cluster has been asked. */
  | { readonly kind: "external"; readonly answer: ExternalAnswer }
  /** The node's user gives it a token to join the cluster with. */
  | { readonly kind: "join"; readonly token: string }
  /** A client of this node; the answer goes back with `token`. */
  | { readonly kind: "request"; readonly token: number; readonly request: ClientRequest };

/** All that a node ever does to the world. */
export type NodeOutput =
  | { readonly kind: "write"; readonly write: StorageWrite }
  | { readonly kind: "send"; readonly to: string; readonly message: NodeMessage }
  | { readonly kind: "execute"; readonly request: ExecutorRequest }
  | { readonly kind: "route"; readonly route: Route }
  | { readonly kind: "carry"; readonly overlay: OverlayState }
  | { readonly kind: "sign"; readonly request: SignerRequest }
  | { readonly kind: "ask"; readonly request: ExternalRequest }
  | { readonly kind: "reply"; readonly token: number; readonly reply: ClientReply }
  | { readonly kind: "event"; readonly event: NodeEvent };
