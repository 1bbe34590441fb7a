import type { NodeRole } from "../../core/model/node.ts";
import type { NodeEvent } from "../../core/node/event.ts";
import { certificateBound } from "../liveness/liveness.ts";
import type { Commit } from "../world/history.ts";
import type { Host } from "../world/host.ts";
import { BrokenInvariant, type CheckedWorld, type Checker } from "./checker.ts";

/**
 * Nodes have the certificates that they are due, and no others: each that a node installs was
 * issued in the store, for the role that the node has there; a join token gives its own role only;
 * no healed node stays with an expired one; and no node of the cluster is ever a stranger to
 * another, whatever roots come and go.
 */
export class CertificatesAreDue implements Checker {
  readonly name = "certificates-are-due";
  readonly source = "SwarmKit ca/server.go, and moby#24132: a cluster that was off for too long";
  checks = 0;
  readonly #world: CheckedWorld;
  /** The role with which it was issued, by node and serial. */
  readonly #issued = new Map<string, NodeRole>();
  /** The role with which each node came into the store: a user may have changed it since. */
  readonly #joinedAs = new Map<string, NodeRole>();
  /** What each join token that there ever was is good for. */
  readonly #tokens = new Map<string, NodeRole>();
  #core: ReadonlySet<Host> = new Set();
  /** From then on no member in the core has an expired certificate. */
  #soundFrom = Infinity;

  constructor(world: CheckedWorld) {
    this.#world = world;
  }

  committed({ clusters, nodes }: Commit): void {
    for (const { current } of clusters) {
      const tokens = current?.ca?.joinTokens;
      if (tokens) this.#tokens.set(tokens.worker, "worker").set(tokens.manager, "manager");
    }
    for (const { previous, current } of nodes) {
      if (current === null) continue;
      if (previous === null) this.#joinedAs.set(current.id, current.role);
      if (current.certificate === null) continue;
      const before = previous?.certificate?.issued ?? 0;
      const { issued } = current.certificate;
      if (issued > before) this.#issued.set(`${current.id} ${issued}`, current.role);
    }
  }

  happened(host: Host, event: NodeEvent): void {
    if (event.kind === "certified") this.#certified(host, event);
    if (event.kind === "denied" && !this.#world.forger.isHeard) this.#denied(host, event);
  }

  healed(core: readonly Host[]): void {
    const { kernel, history } = this.#world;
    const [host] = core;
    this.#core = new Set(core);
    if (host === undefined) return;
    const { raft, cluster } = host.config;
    const spec = history.view.cluster?.spec ?? cluster;
    this.#soundFrom = kernel.now + certificateBound(raft, spec);
  }

  atWork(host: Host): void {
    if (this.#world.kernel.now < this.#soundFrom || !this.#core.has(host)) return;
    const certificate = host.node?.identity.certificate ?? null;
    if (certificate === null || !this.#world.history.view.nodes.has(host.name)) return;
    this.checks += 1;
    const expiredFor = host.clock.calendar() - certificate.notAfter;
    if (expiredFor <= 0) return;
    this.#break(host.name, `its certificate expired ${expiredFor / 1e6} s ago`);
  }

  #certified(host: Host, { certificate }: NodeEvent & { kind: "certified" }): void {
    this.checks += 1;
    const { nodeId, serial, role } = certificate;
    const issued = this.#issued.get(`${nodeId} ${serial}`);
    if (nodeId !== host.name) this.#break(host.name, `has the certificate of ${nodeId}`);
    if (issued === undefined) this.#break(host.name, `nobody has issued its certificate ${serial}`);
    const stored = this.#world.history.view.nodes.get(nodeId);
    if (role !== issued && role !== (stored?.role ?? role)) {
      this.#break(host.name, `its certificate is for a ${role}, and not for a ${issued}`);
    }
    const { token } = host.signer;
    const asked = token === null ? null : (this.#tokens.get(token) ?? null);
    const isFirst = (stored?.certificate?.proven ?? null) === null;
    const joinedAs = this.#joinedAs.get(nodeId) ?? role;
    if (isFirst && asked !== null && asked !== joinedAs) {
      this.#break(host.name, `joined with the token of a ${asked}, and is let in as a ${joinedAs}`);
    }
  }

  #denied(host: Host, { from, reason }: NodeEvent & { kind: "denied" }): void {
    this.checks += 1;
    const { nodes } = this.#world.history.view;
    const areMembers = nodes.has(from) && nodes.has(host.name);
    if (areMembers && reason.includes("unknown authority") && !this.#isLate(host, from)) {
      this.#break(host.name, `takes ${from} for a stranger: ${reason}`);
    }
  }

  /** The sender has renewed since: what it sent before was long on its way. */
  #isLate({ node }: Host, from: string): boolean {
    const sender = this.#world.named.get(from);
    const issuer = sender?.node?.identity.certificate?.issuer;
    return issuer !== undefined && node?.identity.trusted.includes(issuer) === true;
  }

  #break(node: string, detail: string): never {
    throw new BrokenInvariant(this.name, node, detail);
  }
}
