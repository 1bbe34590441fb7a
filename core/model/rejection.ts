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

/** The commonest: what was asked for can't be had, whatever the cluster does. */
export function invalidArgument(message: string): Rejection {
  return { code: "InvalidArgument", message };
}

/** True for the half of an answer that says no; what else there may be has no `code`. */
export function isRejection<T extends object>(answer: T | Rejection): answer is Rejection {
  return "code" in answer;
}
