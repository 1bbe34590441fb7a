import pino from "pino";
import { expect, test } from "vitest";
import type { ClientReply, ClientRequest } from "../../../core/control/command.ts";
import { demoteFirst } from "../../../real/daemon/demote-first.ts";
import type { NodeRunner } from "../../../real/daemon/node-runner.ts";
import { node as nodeObject } from "../../support/model.ts";

// Goal: a manager that leaves takes its vote with it, though others write its node meanwhile.
// Method: a cluster that refuses the first commands, as when somebody else was faster.

/** A manager whose cluster refuses so many commands in these words. */
function manager(refusals: number, message: string) {
  const commands: ClientRequest[] = [];
  const rejection = { code: "FailedPrecondition", message } as const;
  const runner = {
    id: "n1",
    isManager: true,
    control: {
      ask: async (request: ClientRequest): Promise<ClientReply> => {
        if (request.kind === "query") {
          return { kind: "result", objects: [{ ...nodeObject("n1"), managerStatus: null }] };
        }
        commands.push(request);
        if (commands.length <= refusals) {
          return { kind: "outcome", outcome: { kind: "refused", rejection } };
        }
        runner.isManager = false;
        return { kind: "outcome", outcome: { kind: "done", result: "n1" } };
      },
    },
  };
  return { runner: runner as unknown as NodeRunner, commands };
}

const log = pino({ level: "silent" });

test("a vote is handed back though somebody else was faster", async () => {
  const { runner, commands } = manager(2, "update out of sequence");
  await demoteFirst(runner, log);
  expect(runner.isManager).toBe(false);
  expect(commands).toHaveLength(3);
});

test.each([
  ["update out of sequence", 5],
  ["attempting to demote the last manager of the swarm", 1],
])("where the cluster refuses with '%s' it leaves with its vote", async (reason, asked) => {
  const { runner, commands } = manager(100, reason);
  await demoteFirst(runner, log);
  expect(runner.isManager).toBe(true);
  expect(commands).toHaveLength(asked);
});
