import { after, type Instant, never, seconds } from "../base/time.ts";
import type { ManagerLock } from "../model/manager-lock.ts";
import type { SignerRequest } from "./signer-request.ts";

const retryAfter = seconds(5);

/**
 * Has the node encrypt what it keeps under the lock that it was told of last. One change is carried
 * out after the other, for it may mean to write all that the node keeps anew.
 */
export class LockWatch {
  /** What the disk is encrypted with. */
  #lock: ManagerLock;
  /** What it is to be encrypted with, by the newest word of a leader. */
  #wanted: ManagerLock;
  #isChanging = false;
  #retryAt = never;

  constructor(held: ManagerLock) {
    this.#lock = held;
    this.#wanted = held;
  }

  /** When a change that has failed is tried again. */
  get deadline(): Instant {
    return this.#retryAt;
  }

  /** What to ask of the signer now that this is wanted; null: nothing. */
  told(wanted: ManagerLock): SignerRequest | null {
    this.#wanted = wanted;
    return this.next();
  }

  /** The signer has changed the lock: what to ask of it next; null: nothing. */
  changed(lock: ManagerLock): SignerRequest | null {
    this.#isChanging = false;
    this.#lock = lock;
    return this.next();
  }

  /** The signer could not change the lock. */
  failed(now: Instant): void {
    this.#isChanging = false;
    this.#retryAt = after(now, retryAfter);
  }

  /** What to ask of the signer, if it is not at work and the lock is not yet the wanted one. */
  next(): SignerRequest | null {
    this.#retryAt = never;
    if (this.#isChanging || this.#wanted.key === this.#lock.key) return null;
    this.#isChanging = true;
    return { kind: "lock", lock: this.#wanted };
  }
}
