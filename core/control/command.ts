import type { Outcome, RequestId } from "../model/change.ts";
import type { Availability, Node } from "../model/node.ts";
import type { Service, ServiceSpec } from "../model/service.ts";
import type { Task } from "../model/task.ts";

/** What a user may ask for. Names follow SwarmKit's control API. */
export type Command =
  | { readonly kind: "create-service"; readonly spec: ServiceSpec }
  /** `version` is the `meta.version` that the user read. */
  | {
      readonly kind: "update-service";
      readonly id: string;
      readonly version: number;
      readonly spec: ServiceSpec;
    }
  | { readonly kind: "remove-service"; readonly id: string }
  | {
      readonly kind: "update-node";
      readonly id: string;
      readonly version: number;
      readonly availability: Availability;
      readonly labels: ReadonlyMap<string, string>;
    };

/** What a user may look at. Answered by the leader from what it has applied. */
export type Query =
  | { readonly kind: "get-service"; readonly name: string }
  | { readonly kind: "get-node"; readonly id: string }
  | { readonly kind: "list-services" }
  | { readonly kind: "list-tasks"; readonly service: string };

/** What reaches a manager from a client: a command that can be told apart from its own retry. */
export type ClientRequest =
  | { readonly kind: "command"; readonly request: RequestId; readonly command: Command }
  | { readonly kind: "query"; readonly query: Query };

export type QueryResult = readonly (Node | Service | Task)[];

export type ClientReply =
  | { readonly kind: "outcome"; readonly outcome: Outcome }
  | { readonly kind: "result"; readonly objects: QueryResult }
  /** Nothing is known: ask again, best at `leader`. The command may still take effect. */
  | { readonly kind: "try-again"; readonly leader: string | null; readonly reason: string };
