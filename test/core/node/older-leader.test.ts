import { expect, test } from "vitest";
import { newestLevel } from "../../../core/model/level.ts";
import type { ServiceSpec } from "../../../core/model/service.ts";
import { spec } from "../../support/model.ts";
import { RecordedCluster, relived } from "../../support/recorded-cluster.ts";

// Goal: in a cluster that is being upgraded nothing of a command is left out without a word.
// Method: relive a follower of an old cluster as of a newer version, and ask it for something.

const cluster = new RecordedCluster(["m1", "m2", "m3"], [], { level: 2 });
cluster.until(40);
const leader = cluster.leader();
const life = cluster.lives.find(({ config }) => config.id !== leader);

/** What a follower of that version does when it is asked to create the service. */
function asked(level: number, service: ServiceSpec) {
  const [, moment] = life?.inputs.at(-1) ?? [];
  if (life === undefined || moment === undefined) throw new Error("somebody follows after 40 s");
  const { config, inputs } = life;
  const description = { ...config.description, level };
  const { node } = relived({ config: { ...config, description }, inputs, outputs: [] });
  const command = { kind: "create-service", spec: service } as const;
  const request = { kind: "command", request: { client: "c", sequence: 1 }, command } as const;
  const outputs = node.step({ kind: "request", token: 8, request }, moment);
  return {
    to: outputs.flatMap((each) =>
      each.kind === "send" && each.message.kind === "forward" ? [each.to] : [],
    ),
    replies: outputs.flatMap((each) => (each.kind === "reply" ? [each.reply] : [])),
  };
}

const plain = spec("web");
const container = { ...plain.task.container, oomScoreAdj: 5 };
const newer = { ...plain, task: { ...plain.task, container } };

test("a manager refuses by itself what an older leader would read in part", () => {
  const words = "a node of the cluster is too old for what is asked: upgrade or remove it";
  const rejection = { code: "FailedPrecondition", message: words };
  const outcome = { kind: "refused", rejection };
  expect(asked(newestLevel, newer)).toEqual({ to: [], replies: [{ kind: "outcome", outcome }] });
});

test("a manager hands on what an older leader reads whole, and all that it knows itself", () => {
  expect(asked(newestLevel, plain)).toEqual({ to: [leader], replies: [] });
  expect(asked(2, newer)).toEqual({ to: [leader], replies: [] });
});
