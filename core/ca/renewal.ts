import type { Planted } from "../base/planted.ts";
import type { Random } from "../base/random.ts";
import { after, type Instant, type Timestamp, until } from "../base/time.ts";
import type { Certificate, Security } from "../model/certificate.ts";
import { backdate } from "./issue.ts";

/** SwarmKit's range is from 50 to 80 percent of a certificate's life: this much of it is drawn. */
const spreadPerMillion = 300_000;

/**
 * The moment at which a certificate is to be renewed that was installed at `since`, by the node's
 * own calendar: at random, so that nodes that joined together do not all come at once. The life is
 * counted from the moment of issue. SwarmKit counts the backdated hour in, so that it renews a
 * certificate of an hour from its first minute on; and it goes by the issuer's calendar, so that a
 * node whose own is behind comes too late. Here such a node counts from when it got it.
 */
export function renewalOf(
  certificate: Certificate,
  since: Timestamp,
  random: Random,
  planted: Planted,
): Timestamp {
  if (planted === "K05") return certificate.notAfter;
  const issued = issuedAt(certificate);
  const life = Math.max(0, certificate.notAfter - issued);
  const spread = Math.floor((Math.floor(life / 1000) * random.below(spreadPerMillion)) / 1000);
  return (Math.min(issued, since) + Math.ceil(life / 2) + spread) as Timestamp;
}

/**
 * The same for a certificate that the node has kept, when it starts. One that is of the future is
 * of a time that nobody knows: the calendar is behind the issuer's, or has been put back.
 */
export function renewalOfHeld(
  held: Certificate,
  calendar: Timestamp,
  random: Random,
  planted: Planted,
): Timestamp {
  return calendar < issuedAt(held) ? calendar : renewalOf(held, calendar, random, planted);
}

function issuedAt({ notBefore }: Certificate): Timestamp {
  return after(notBefore, backdate);
}

/** When a certificate is to be renewed, on both of a node's clocks: a calendar may be put back. */
export class RenewalTime {
  /** By the calendar. */
  readonly at: Timestamp;
  /** By the monotonic clock. */
  readonly #by: Instant;

  /** At `at` by the calendar, which shows `calendar` at the moment `now`. */
  constructor(at: Timestamp, now: Instant, calendar: Timestamp) {
    this.at = at;
    this.#by = after(now, until(calendar, at));
  }

  hasCome(now: Instant, calendar: Timestamp): boolean {
    return calendar >= this.at || now >= this.#by;
  }
}

/** Whether the leader's word is a reason to ask for another certificate before its time. */
export function mustRenew(certificate: Certificate, told: Security): boolean {
  const isOfOtherRoot = told.issuer !== certificate.issuer;
  const isOfOtherRole = told.role !== certificate.role || lacksRole(certificate, told);
  return isOfOtherRole || (told.mustRenew && isOfOtherRoot);
}

/**
 * True when the node is to be a manager and nobody will take this certificate for a manager's: it
 * is a worker's, or from before the node was demoted.
 */
export function lacksRole({ role, serial }: Certificate, told: Security): boolean {
  return told.role === "manager" && (role !== "manager" || serial <= told.lastAsManager);
}
