import { expect, test } from "vitest";
import type { Moment } from "../../../core/base/time.ts";
import type { SignerAnswer } from "../../../core/ca/signer-request.ts";
import type { Certificate } from "../../../core/model/certificate.ts";
import type { NodeConfig } from "../../../core/node/config.ts";
import type { NodeInput, NodeOutput } from "../../../core/node/input.ts";
import { Node } from "../../../core/node/node.ts";
import { description } from "../../support/model.ts";
import { type Life, RecordedCluster, relived } from "../../support/recorded-cluster.ts";

// Goal: who joins by way of a node that is no manager, or no longer, is led to the leader.
// Method: relive a worker, and let a newcomer that knows nobody else speak with it.

const cluster = new RecordedCluster(["m1"], ["w1"], {});
cluster.until(40);
const guide = relived(lifeOf("w1")).node;
const moment = lifeOf("w1").inputs.at(-1)?.[1] as Moment;
const joined = lifeOf("w1").inputs.flatMap(([input]) => (input.kind === "join" ? [input] : []));
const token = joined[0]?.token ?? "";

function lifeOf(id: string): Life {
  const life = cluster.lives.find(({ config }) => config.id === id);
  if (life === undefined) throw new Error(`${id} has lived`);
  return life;
}

const sends = (outputs: readonly NodeOutput[]) =>
  outputs.flatMap((output) => (output.kind === "send" ? [output] : []));

/** A machine that was told to join by way of w1, and what it asks of its signer. */
class Newcomer {
  readonly signed: string[] = [];
  readonly asked: string[] = [];
  readonly #node: Node;

  constructor() {
    const { inputs, config } = lifeOf("w1");
    const boot = inputs[0]?.[0] as NodeInput & { kind: "boot" };
    const own: NodeConfig = {
      ...config,
      id: "w9",
      managers: ["w1"],
      description: description("w9"),
    };
    this.#node = new Node(own, boot, moment);
    this.step(boot);
  }

  /** What it says to w1 is answered at once. */
  step(input: NodeInput): void {
    const outputs = this.#node.step(input, moment);
    for (const output of outputs) if (output.kind === "sign") this.signed.push(output.request.kind);
    for (const { to, message } of sends(outputs)) {
      if (message.kind !== "ca-request") continue;
      this.asked.push(`${to}: ${message.message.kind}`);
      if (to === "w1") this.#hear({ kind: "message", from: "w9", certificate: null, message });
    }
  }

  signs(answer: SignerAnswer): void {
    this.step({ kind: "signed", answer });
  }

  #hear(said: NodeInput): void {
    const certificate = guide.identity.certificate as Certificate;
    for (const { to, message } of sends(guide.step(said, moment))) {
      if (to === "w9") this.step({ kind: "message", from: "w1", certificate, message });
    }
  }
}

test("a worker tells who joins the root, which its token names, and then the leader", () => {
  const newcomer = new Newcomer();
  newcomer.step({ kind: "join", token });
  expect(newcomer.signed).toEqual(["trust"]);
  newcomer.signs({ kind: "trusted", roots: lifeRoots() });
  newcomer.signs({ kind: "request-made", request: "csr" });
  const [first, ...later] = newcomer.asked;
  expect(first).toBe("w1: root-request");
  expect(later).toEqual(["w1: certificate-request", "m1: certificate-request"]);
});

test("a root that a worker tells is not taken when the token names another", () => {
  const newcomer = new Newcomer();
  const digest = token.split("-")[2] ?? "";
  newcomer.step({ kind: "join", token: token.replace(digest, "0".repeat(digest.length)) });
  expect(newcomer.signed).toEqual([]);
  expect(newcomer.asked).toEqual(["w1: root-request"]);
});

function lifeRoots() {
  const { inputs } = lifeOf("w1");
  const trusted = inputs.flatMap(([input]) =>
    input.kind === "signed" && input.answer.kind === "trusted" ? [input.answer.roots] : [],
  );
  return trusted[0] ?? [];
}
