import type { CaAnswer } from "../../core/ca/message.ts";
import { parseToken } from "../../core/model/join-token.ts";
import type { NodeEvent } from "../../core/node/event.ts";
import type { Host } from "../world/host.ts";
import { BrokenInvariant, type CheckedWorld, type Checker } from "./checker.ts";

/** Managers that may answer before the node must have said that its token is of another root. */
const answersMost = 8;

/**
 * A machine that is to join with a token of another root than the cluster's says so to its user,
 * and does not only try for ever.
 */
export class StrangersAreTold implements Checker {
  readonly name = "strangers-are-told";
  readonly source = "SwarmKit ca/certificates.go GetRemoteCA: does not match fingerprint";
  checks = 0;
  readonly #world: CheckedWorld;
  /** How many roots each node was told that is not the one in its token, and has not said so. */
  readonly #untold = new Map<string, number>();

  constructor(world: CheckedWorld) {
    this.#world = world;
  }

  crashed({ name }: Host): void {
    this.#untold.delete(name);
  }

  happened({ name }: Host, { kind }: NodeEvent): void {
    if (kind === "certificate-refused") this.#untold.delete(name);
  }

  caAnswerSent(manager: Host, to: string, answer: CaAnswer): void {
    const host = this.#world.named.get(to);
    if (answer.kind !== "root" || host === undefined) return;
    const digest = parseToken(host.signer.token ?? "")?.digest;
    if (digest === undefined || digest === answer.root.digest) return;
    if (host.signer.held.certificate !== null) return;
    if (host.state !== "up" || this.#world.network.isCut(manager.number, host.number)) return;
    this.checks += 1;
    const untold = (this.#untold.get(to) ?? 0) + 1;
    this.#untold.set(to, untold);
    if (untold < answersMost) return;
    const detail = "does not say that its token is of another root than the cluster's";
    throw new BrokenInvariant(this.name, to, `${to} ${detail}`);
  }
}
