import type { Planted } from "../base/planted.ts";
import type { Random } from "../base/random.ts";
import type { Timestamp } from "../base/time.ts";
import type { Certificate, Security } from "../model/certificate.ts";
import { backdate } from "./issue.ts";

/** SwarmKit's range is from 50 to 80 percent of a certificate's life: so much of it is drawn. */
const spreadPerMillion = 300_000;

/**
 * The moment at which a certificate is to be renewed: at random, so that nodes that joined
 * together do not all come at once. The life is counted from the moment of issue. SwarmKit counts
 * the backdated hour in, so that it renews a certificate of an hour from its first minute on.
 */
export function renewalOf({ notBefore, notAfter }: Certificate, random: Random): Timestamp {
  const issued = notBefore + backdate;
  const life = Math.max(0, notAfter - issued);
  const spread = Math.floor((Math.floor(life / 1000) * random.below(spreadPerMillion)) / 1000);
  return (issued + Math.ceil(life / 2) + spread) as Timestamp;
}

/** Why a node that holds `certificate` should ask for a new one now, or null. */
export function reasonToRenew(
  certificate: Certificate,
  renewAt: Timestamp,
  told: Security | null,
  calendar: Timestamp,
  planted: Planted,
): string | null {
  if (planted === "K01") return null;
  if (calendar >= renewAt) return "its time has come";
  if (told === null) return null;
  if (told.role !== certificate.role) return `the node is to be a ${told.role}`;
  if (told.role === "manager" && certificate.serial <= told.lastAsManager) {
    return "the node was demoted since, and promoted again";
  }
  if (told.mustRenew && told.issuer !== certificate.issuer) return "the root is being rotated";
  return null;
}
