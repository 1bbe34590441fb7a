import type { CaRequest } from "../../core/ca/message.ts";
import type { JoinTokens } from "../../core/model/certificate.ts";
import type { Commit } from "../world/history.ts";
import type { Host } from "../world/host.ts";
import { BrokenInvariant, type CheckedWorld, type Checker } from "./checker.ts";

/**
 * Whoever joins has shown a token that was the cluster's at that moment: one that never was, or
 * that was rotated away, gets nobody in. Founders have none; who has a certificate needs none.
 */
export class TokensHold implements Checker {
  readonly name = "tokens-hold";
  readonly source = "SwarmKit ca/server.go IssueNodeCertificate";
  checks = 0;
  readonly #world: CheckedWorld;
  /** Every token that each node has shown. */
  readonly #shown = new Map<string, Set<string>>();
  /** The cluster's until now; null before there are any. */
  #tokens: JoinTokens | null = null;

  constructor(world: CheckedWorld) {
    this.#world = world;
  }

  caRequestSent({ name }: Host, message: CaRequest): void {
    if (message.kind !== "certificate-request") return;
    const { token } = message;
    const shown = this.#shown.get(name) ?? new Set();
    if (token !== null) this.#shown.set(name, shown.add(token));
  }

  committed({ nodes, clusters, host, isForced }: Commit): void {
    for (const { id, previous } of nodes) {
      if (previous === null && !isForced) this.#joined(host, id);
    }
    for (const { current } of clusters) this.#tokens = current?.ca?.joinTokens ?? null;
  }

  /** The leader went by the tokens of before the entry that lets the node in. */
  #joined(leader: Host, name: string): void {
    const host = this.#world.named.get(name);
    const isFounder = host?.config.managers.includes(name) === true;
    if (host === undefined || isFounder || host.signer.held.certificate !== null) return;
    this.checks += 1;
    const shown = this.#shown.get(name) ?? new Set();
    const { worker = "", manager = "" } = this.#tokens ?? {};
    if (shown.has(worker) || shown.has(manager)) return;
    const detail = `${name} has joined, and has shown no token of the cluster`;
    throw new BrokenInvariant(this.name, leader.name, detail);
  }
}
