import { expect, test } from "vitest";
import type { NodeInput } from "../../../core/node/input.ts";
import { Node } from "../../../core/node/node.ts";
import { hasComeIn, unreadiness } from "../../../core/node/readiness.ts";
import { RecordedCluster } from "../../support/recorded-cluster.ts";

// Goal: an operator is told what a node waits for until it takes part in its cluster.
// Method: relive a manager and a worker, whose cluster loses its quorum, input by input.

const cluster = new RecordedCluster(["m1", "m2"], ["w1"], {});
cluster.until(40);
cluster.crash("m2");
cluster.until(120);

/** Each new answer in its turn. */
function answersOf(id: string): string[] {
  const life = cluster.lives.find(({ config }) => config.id === id);
  const [boot, moment] = life?.inputs[0] ?? [];
  if (life === undefined || moment === undefined) throw new Error(`${id} has lived`);
  const { config, inputs } = life;
  const node = new Node(config, boot as NodeInput & { kind: "boot" }, moment);
  const answers = inputs.map(([input, at]) => {
    node.step(input, at);
    return unreadiness(node) ?? (hasComeIn(node) ? "it is in" : "it is about to come in");
  });
  return answers.filter((answer, index) => answer !== answers[index - 1]);
}

test("a worker waits for its certificate and a session, and for a new one without a leader", () => {
  expect(answersOf("w1")).toEqual([
    "the node has not joined yet",
    "no session with a manager",
    "it is in",
    "no session with a manager",
  ]);
});

test("a manager waits to be ready in its own store, and for a leader without a quorum", () => {
  expect(answersOf("m1")).toEqual([
    "the node has not joined yet",
    "it is about to come in",
    "it is in",
    "it is about to come in",
    "no leader is known",
  ]);
});
