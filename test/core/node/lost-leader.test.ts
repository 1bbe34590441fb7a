import { expect, test } from "vitest";
import { after, ms } from "../../../core/base/time.ts";
import { serviceSpec } from "../../../core/model/service-defaults.ts";
import type { NodeOutput } from "../../../core/node/input.ts";
import { RecordedCluster, relived } from "../../support/recorded-cluster.ts";

// Goal: who waits for a leader that is gone is told so at once, and nobody else is.
// Method: relive a follower, ask it for a command, and tell it at whose machine nobody listens.

const managers = ["m1", "m2", "m3"];
const cluster = new RecordedCluster(managers, [], {});
cluster.until(40);
const leader = cluster.leader() as string;
const [asked, third] = managers.filter((id) => id !== leader) as [string, string];

function repliesAfter(lost: string): string[] {
  const life = cluster.lives.find(({ config }) => config.id === asked);
  const [, last] = life?.inputs.at(-1) ?? [];
  if (life === undefined || last === undefined) throw new Error("it lives after 40 s");
  const { node } = relived(life);
  const moment = { ...last, now: after(last.now, ms(10)) };
  const command = { kind: "create-service", spec: serviceSpec("web", "any", 1) } as const;
  const request = { kind: "command", request: { client: "c", sequence: 1 }, command } as const;
  const outputs = [
    ...node.step({ kind: "request", token: 7, request }, moment),
    ...node.step({ kind: "unreachable", node: lost }, moment),
  ];
  const isForward = (each: NodeOutput) => each.kind === "send" && each.message.kind === "forward";
  expect(outputs.filter(isForward)).toHaveLength(1);
  return outputs.flatMap((each) => (each.kind === "reply" ? [each.reply.kind] : []));
}

test("a command that was handed on to a leader at whose machine nobody listens is given up", () => {
  expect(repliesAfter(leader)).toEqual(["try-again"]);
});

test("a command goes on while another manager is gone", () => {
  expect(repliesAfter(third)).toEqual([]);
});
