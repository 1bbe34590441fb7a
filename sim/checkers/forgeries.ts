import { type Cluster, isRemoved } from "../../core/model/cluster.ts";
import { foundingIn } from "../../core/node/founding.ts";
import type { ForgedMessage } from "../world/forged-message.ts";
import type { Host } from "../world/host.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";

/** One rule of who is let in, in terms of what the receiver can know. */
interface Rule {
  readonly name: string;
  readonly source: string;
  /** True when the receiver, by what it can know, must not heed such a message. */
  isBarred(receiver: Host, message: ForgedMessage): boolean;
  /** True when it has heeded it. Default: it has let it in. */
  isHeeded?(receiver: Host, message: ForgedMessage): boolean;
}

const rules: readonly Rule[] = [
  {
    name: "certificate-is-shown",
    source: "SwarmKit ca/auth.go AuthorizeOrgAndRole",
    isBarred: (receiver, { from, certificate, claims }) => {
      if (certificate !== null || claims === "request") return false;
      const founding = clusterOf(receiver)?.ca?.founding ?? onDisk(receiver);
      return !founding.includes(from.name);
    },
  },
  {
    name: "certificate-is-own",
    source: "SwarmKit ca/certificates.go: the common name is the node's id",
    isBarred: (_receiver, { guise }) => guise === "another",
  },
  {
    name: "root-is-trusted",
    source: "SwarmKit ca/config.go: peers are verified against the cluster's roots",
    isBarred: ({ signer }, { guise, certificate }) => {
      if (guise !== "old-root" || certificate === null) return guise === "stranger";
      return !signer.trusts(certificate);
    },
  },
  {
    name: "role-is-heeded",
    source: "SwarmKit ca/auth.go: raft and forwarded requests come from managers",
    isBarred: (_receiver, { certificate, claims }) =>
      certificate?.role === "worker" && claims === "manager",
  },
  {
    name: "demotion-is-heeded",
    source: "ours: in SwarmKit a manager's certificate is one until it expires",
    isBarred: (receiver, { from, certificate, claims }) => {
      const stored = receiver.node?.member?.store.nodes.get(from.name);
      if (certificate?.role !== "manager" || claims !== "manager") return false;
      if (stored === undefined || stored.certificate === null) return false;
      const { issued, lastAsManager } = stored.certificate;
      // A later certificate is from a promotion that the receiver has not heard of.
      return certificate.serial <= (stored.role === "worker" ? issued : lastAsManager);
    },
  },
  {
    name: "expiry-is-heeded",
    source: "RFC 5280, section 4.1.2.5; Raft alone goes on with an expired one",
    isBarred: (receiver, { certificate, claims, kind }) => {
      if (certificate === null || claims === "hint") return false;
      const mayRecover = kind !== "agent" && kind !== "dispatcher" && kind !== "forward";
      return !mayRecover && certificate.notAfter < receiver.clock.calendar();
    },
  },
  {
    name: "removal-is-heeded",
    source: "SwarmKit controlapi RemoveNode: its certificate is blacklisted",
    isBarred: (receiver, { from, certificate }) =>
      certificate !== null && isRemoved(clusterOf(receiver), from.name),
  },
  {
    name: "newer-incarnation-is-proven",
    source: "ours: a worker's word must not make managers drop their logs",
    isBarred: (_receiver, { kind }) => kind === "superseded",
    isHeeded: ({ incarnation }, { incarnationBefore }) => incarnation !== incarnationBefore,
  },
];

/** What forged messages try: whoever is not to believe one does not take it. */
export function forgeriesAreRefused(): Checker[] {
  return rules.map((rule) => new ForgeriesAreRefused(rule));
}

class ForgeriesAreRefused implements Checker {
  readonly name: string;
  readonly source: string;
  checks = 0;
  readonly #rule: Rule;

  constructor(rule: Rule) {
    this.name = rule.name;
    this.source = rule.source;
    this.#rule = rule;
  }

  /** A node that has not joined yet trusts nobody, and has nothing to lose. */
  forged(host: Host, message: ForgedMessage): void {
    if (host.signer.held.certificate === null) return;
    const { isBarred, isHeeded = isLetIn } = this.#rule;
    if (!isBarred(host, message)) return;
    this.checks += 1;
    if (!isHeeded(host, message)) return;
    const { from, guise, kind } = message;
    const detail = `${host.name} takes ${kind} of ${from.name}, which shows itself as ${guise}`;
    throw new BrokenInvariant(this.name, host.name, detail);
  }
}

function isLetIn(_receiver: Host, { wasDenied }: ForgedMessage): boolean {
  return !wasDenied;
}

/** A node that starts goes by its disk until it has a store. */
function onDisk({ node, disk, config }: Host): readonly string[] {
  return node?.member == null ? [] : foundingIn(disk.image.load(), config.managers);
}

function clusterOf({ node }: Host): Cluster | null {
  return node?.member?.store.cluster ?? null;
}
