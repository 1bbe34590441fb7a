import type { CaAnswer, CaRequest } from "../../core/ca/message.ts";
import type { Commit, History } from "../world/history.ts";
import type { Host } from "../world/host.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";

/** How much of a node's past is remembered. */
const rememberedMost = 64;

/**
 * Every certificate that a leader hands to a node is what was asked for: for the key of one of the
 * node's own requests, and with the name, role and serial that the store had for it, whoever has
 * signed it.
 */
export class CertificatesMatchRequests implements Checker {
  readonly name = "certificates-match-requests";
  readonly source = "SwarmKit ca/external.go and certificates.go: what comes back is validated";
  checks = 0;
  readonly #history: History;
  /** What each node has asked for, the last one last. */
  readonly #requests = new Map<string, string[]>();
  /** What was issued for it: serial and role. */
  readonly #issued = new Map<string, string[]>();

  constructor(history: History) {
    this.#history = history;
  }

  caRequestSent({ name }: Host, message: CaRequest): void {
    if (message.kind === "certificate-request") remember(this.#requests, name, message.request);
  }

  committed({ nodes }: Commit): void {
    for (const { id, current } of nodes) {
      const issued = current?.certificate?.issued ?? null;
      if (issued !== null) remember(this.#issued, id, `${issued} ${current?.role}`);
    }
  }

  caAnswerSent(host: Host, to: string, answer: CaAnswer): void {
    if (answer.kind !== "certificate") return;
    this.checks += 1;
    const { nodeId, serial, role, organization, text } = answer.certificate;
    const requests = this.#requests.get(to) ?? [];
    const own = this.#history.view.cluster?.ca?.organization;
    if (nodeId !== to) this.#break(host, `${to} is to have the certificate of ${nodeId}`);
    if (!requests.some((request) => text.startsWith(`node ${request} `))) {
      this.#break(host, `${to} is to have a certificate for a key that is not its own`);
    }
    if (!this.#issued.get(to)?.includes(`${serial} ${role}`)) {
      this.#break(host, `nobody has issued certificate ${serial} of ${to} for a ${role}`);
    }
    if (organization !== own) this.#break(host, `${to} is to have one of ${organization}`);
  }

  #break({ name }: Host, detail: string): never {
    throw new BrokenInvariant(this.name, name, detail);
  }
}

function remember(all: Map<string, string[]>, node: string, what: string): void {
  const known = all.get(node) ?? [];
  if (known.at(-1) === what) return;
  all.set(node, [...known, what].slice(-rememberedMost));
}
