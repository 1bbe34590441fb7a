/** gRPC's names, as SwarmKit's control API uses them. */
export type RejectionCode =
  | "InvalidArgument"
  | "NotFound"
  | "AlreadyExists"
  | "FailedPrecondition"
  | "Unimplemented"
  | "Unavailable";

/** Why a command was refused. Nothing changed. */
export interface Rejection {
  readonly code: RejectionCode;
  /** One sentence for the user: what was wrong, where, what to do. */
  readonly message: string;
}

export function rejection(code: RejectionCode, message: string): Rejection {
  return { code, message };
}
