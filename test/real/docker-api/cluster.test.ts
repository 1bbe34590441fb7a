import { expect, test } from "vitest";
import type { ClientReply, ClientRequest } from "../../../core/control/command.ts";
import { type RejectionCode, rejection } from "../../../core/model/rejection.ts";
import { ControlServer } from "../../../real/api/control-server.ts";
import { OwnCluster } from "../../../real/docker-api/cluster.ts";

// Goal: a command is asked for until it is answered, once; refusals are Docker's.
// Method: the node's own control server, with a core that answers what the test says.

const create = {
  kind: "create-secret",
  spec: { name: "key", labels: new Map(), data: "a2V5" },
} as const;

function clusterOf(answer: (request: ClientRequest) => ClientReply, isManager = true) {
  const asked: ClientRequest[] = [];
  const control: ControlServer = new ControlServer((token, request) => {
    asked.push(request);
    queueMicrotask(() => control.reply(token, answer(request)));
  });
  const raft = { heartbeatTicks: 1, electionTicks: 10 };
  const address = "127.0.0.1:4242";
  const roles = { hasJoined: () => true, isManager: () => isManager };
  const node = { id: "m1", address, ...roles, raft };
  return { cluster: new OwnCluster(node, control), asked, control };
}

const done: ClientReply = { kind: "outcome", outcome: { kind: "done", result: "id" } };

test("a command without an answer is asked for again under its number", async () => {
  const replies: ClientReply[] = [{ kind: "try-again", leader: null, reason: "no leader" }, done];
  const { cluster, asked } = clusterOf(() => replies.shift() as ClientReply);
  expect(await cluster.command(create)).toBe("id");
  expect(asked).toHaveLength(2);
  expect(asked[0]).toEqual(asked[1]);
});

test("commands at the same time are of different clients, and later ones of the same", async () => {
  const { cluster, asked } = clusterOf(() => done);
  await Promise.all([cluster.command(create), cluster.command(create)]);
  await cluster.command(create);
  const clients = asked.flatMap((each) => (each.kind === "command" ? [each.request.client] : []));
  expect(new Set(clients).size).toBe(2);
});

test.each([
  ["InvalidArgument", "no", 400, "rpc error: code = InvalidArgument desc = no"],
  ["NotFound", "service x not found", 404, "service x not found"],
  [
    "AlreadyExists",
    "service web already exists",
    409,
    "rpc error: code = AlreadyExists desc = name conflicts with an existing object: " +
      "service web already exists",
  ],
  [
    "FailedPrecondition",
    "update out of sequence",
    500,
    "rpc error: code = Unknown desc = update out of sequence",
  ],
] as const)("%s is refused as Docker refuses it", async (code, message, status, text) => {
  const refused = rejection(code as RejectionCode, message);
  const { cluster } = clusterOf(() => ({
    kind: "outcome",
    outcome: { kind: "refused", rejection: refused },
  }));
  await expect(cluster.command(create)).rejects.toMatchObject({ status, message: text });
});

test("a worker refuses everything at once, in Docker's words", async () => {
  const { cluster, asked } = clusterOf(() => done, false);
  const words = expect.stringContaining("This node is not a swarm manager.");
  await expect(cluster.query({ kind: "list-nodes" })).rejects.toMatchObject({
    status: 503,
    message: words,
  });
  expect(() =>
    cluster.watch(
      [],
      () => undefined,
      () => undefined,
    ),
  ).toThrow("not a swarm manager");
  expect(asked).toEqual([]);
});

test("a node that stops leaves nobody waiting", async () => {
  const { cluster, control } = clusterOf(() => done);
  const ended = new Promise<Error>((resolve) => cluster.watch([], () => undefined, resolve));
  control.stop();
  expect((await ended).message).toBe("the node stops");
});
