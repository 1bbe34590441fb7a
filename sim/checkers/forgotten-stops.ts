import type { CaAnswer } from "../../core/ca/message.ts";
import type { Host } from "../world/host.ts";
import { BrokenInvariant, type CheckedWorld, type Checker } from "./checker.ts";

/** After as many refusals in as long a time the node must have heard of it, and have stopped. */
const refusalsMost = 10;
const patience = 300_000_000;

/** What a node that is out has been told, since its daemon started. */
interface Refused {
  readonly since: number;
  times: number;
}

/**
 * A node that the cluster does not know any more, and whose certificate is over, is told so by the
 * leader when it asks for another, and stops what it runs: nobody else could stop it.
 */
export class ForgottenStops implements Checker {
  readonly name = "forgotten-stops";
  readonly source = "our own: in SwarmKit such a node runs on for ever";
  checks = 0;
  readonly #world: CheckedWorld;
  readonly #refused = new Map<string, Refused>();

  constructor(world: CheckedWorld) {
    this.#world = world;
  }

  crashed({ name }: Host): void {
    this.#refused.delete(name);
  }

  caAnswerSent(leader: Host, to: string, { kind }: CaAnswer): void {
    const host = this.#world.named.get(to);
    if (kind !== "certificate-refused" || host === undefined) return;
    const { kernel, network } = this.#world;
    if (network.isCut(leader.number, host.number)) return;
    if (!this.#isOut(host)) {
      this.#refused.delete(to);
      return;
    }
    this.checks += 1;
    const refused = this.#refused.get(to) ?? { since: kernel.now, times: 0 };
    this.#refused.set(to, refused);
    refused.times += 1;
    if (refused.times < refusalsMost || kernel.now - refused.since < patience) return;
    const left = host.executor.existing().filter(({ state }) => state === "running");
    if (left.length === 0) return;
    const detail = `is in the cluster no more, has been told so, and still runs ${left[0]?.task}`;
    throw new BrokenInvariant(this.name, to, `${to} ${detail}`);
  }

  /** It shows a certificate that is over by its own calendar, and nobody knows the node. */
  #isOut({ name, state, clock, signer, executor }: Host): boolean {
    const { certificate } = signer.held;
    if (certificate === null || certificate.notAfter >= clock.calendar()) return false;
    if (state !== "up" || executor.hung?.to === Infinity) return false;
    return !this.#world.history.view.nodes.has(name);
  }
}
