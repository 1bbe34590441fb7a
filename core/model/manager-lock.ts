import type { Secrets } from "../base/secrets.ts";

/**
 * What managers encrypt their own keys and logs with (SwarmKit autolock). Whoever starts a manager
 * again must then give it the key: nobody reads the cluster's secrets off a stolen disk.
 */
export interface ManagerLock {
  /** `SWMKEY-1-` and 32 random bytes in base 64 without padding; null: managers are not locked. */
  readonly key: string | null;
  /** Counted up with each change of the key. Which of two is newer, `Security.version` says. */
  readonly version: number;
}

/** Of a cluster that was never locked, and of every worker. */
export const unlocked: ManagerLock = { key: null, version: 0 };

/** Another key than before; the old one opens what was not encrypted anew yet. */
export function locked({ version }: ManagerLock, secrets: Secrets): ManagerLock {
  return { key: newUnlockKey(secrets), version: version + 1 };
}

const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/** 256 bits in sixes, and two that are nothing. */
const keyDigits = 43;
const paddingBits = 2n;

function newUnlockKey(secrets: Secrets): string {
  let [left, text] = [secrets.draw() << paddingBits, ""];
  for (let at = 0; at < keyDigits; at += 1, left >>= 6n) {
    text = digits.charAt(Number(left & 63n)) + text;
  }
  return `SWMKEY-1-${text}`;
}
