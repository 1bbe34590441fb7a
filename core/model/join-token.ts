import type { Secrets } from "../base/secrets.ts";
import type { JoinTokens } from "./certificate.ts";
import type { NodeRole } from "./node.ts";

/** SwarmKit's `SWMTKN-1-<digest of the root, 50>-<secret, 25>`, both in base 36. */
const format = /^SWMTKN-1-([0-9a-z]{50})-([0-9a-z]{25})$/;

export interface JoinToken {
  /** Digest of the root that whoever answers must show. */
  readonly digest: string;
  readonly secret: string;
}

const secretDigits = 25;

/** A token with a new secret, of about 129 bits. */
export function newToken(digest: string, secrets: Secrets): string {
  const secret = secrets.draw().toString(36).slice(-secretDigits).padStart(secretDigits, "0");
  return `SWMTKN-1-${digest}-${secret}`;
}

export function newTokens(digest: string, secrets: Secrets): JoinTokens {
  return { worker: newToken(digest, secrets), manager: newToken(digest, secrets) };
}

/** The parts of a token, or null when the text is not one. */
export function parseToken(text: string): JoinToken | null {
  const match = format.exec(text);
  const [, digest, secret] = match ?? [];
  return digest === undefined || secret === undefined ? null : { digest, secret };
}

/** The role that a token gives, or null when it is not one of the cluster's. */
export function roleOfToken(tokens: JoinTokens, shown: string): NodeRole | null {
  const isManagers = equals(tokens.manager, shown);
  const isWorkers = equals(tokens.worker, shown);
  if (isManagers) return "manager";
  return isWorkers ? "worker" : null;
}

/** Takes equally long wherever the two differ, so that nobody guesses a token piece by piece. */
function equals(secret: string, shown: string): boolean {
  let difference = secret.length ^ shown.length;
  for (let at = 0; at < secret.length; at += 1) {
    difference |= secret.charCodeAt(at) ^ (shown.charCodeAt(at) || 0);
  }
  return difference === 0;
}
