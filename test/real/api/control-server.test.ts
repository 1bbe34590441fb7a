import { EventEmitter } from "node:events";
import { setImmediate as turn } from "node:timers/promises";
import { Metadata } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import type { ClientReply, ClientRequest } from "../../../core/control/command.ts";
import type { StoreObject, Table } from "../../../core/model/change.ts";
import { ControlServer } from "../../../real/api/control-server.ts";
import type { WatchEvent } from "../../../real/wire/services.ts";
import { secret, service } from "../../support/model.ts";
import { commit, create, storeOf, transact } from "../../support/store.ts";

const question: ClientRequest = {
  kind: "query",
  query: { kind: "list-services" },
  consistency: "stale",
};
const empty: ClientReply = { kind: "result", objects: [] };

/** A server with so many questions, and the numbers of those that were answered. */
function asked(count: number) {
  const tokens: number[] = [];
  const server = new ControlServer((token) => tokens.push(token));
  const answered: number[] = [];
  const replies = Array.from({ length: count }, async (_, at) => {
    const reply = await server.ask(question);
    answered.push(at);
    return reply;
  });
  return { server, tokens, answered, replies };
}

test("answers that are ready at once are sent in order, the first before the last", async () => {
  const { server, tokens, answered, replies } = asked(16);
  for (const token of tokens) server.reply(token, empty);
  await turn();
  expect(answered.length).toBeGreaterThan(0);
  expect(answered.length).toBeLessThan(16);
  expect(await Promise.all(replies)).toHaveLength(16);
  expect(answered).toEqual(tokens.map((_, at) => at));
  expect(server.waiting).toBe(0);
});

test("a server that stops sends what is ready, and says to the others that it stops", async () => {
  const { server, tokens, replies } = asked(5);
  for (const token of tokens.slice(0, 3)) server.reply(token, empty);
  server.stop();
  const ends = await Promise.allSettled(replies);
  expect(ends.map(({ status }) => status)).toEqual([
    ...["fulfilled", "fulfilled", "fulfilled"],
    ...["rejected", "rejected"],
  ]);
  await expect(server.ask(question)).rejects.toThrow("the node stops");
});

/** The server hears that these were made. */
function made(server: ControlServer, ...objects: StoreObject[]): void {
  const applied = commit(storeOf(), [transact(...objects.map(create))]);
  server.happened({ kind: "applied", index: 2, entry: null, applied });
}

/** A call of `watch` by who reads nothing, and why it was ended. */
class UnreadWatch extends EventEmitter {
  readonly request: unknown;
  readonly metadata = new Metadata();
  refused = "";
  written = 0;

  constructor(tables: readonly Table[] = []) {
    super();
    this.request = { kind: "decoded", value: { tables } };
    this.on("error", ({ details }) => {
      this.refused = details;
    });
  }

  write(): boolean {
    this.written += 1;
    return false;
  }

  sendMetadata(): boolean {
    return true;
  }

  getPeer(): string {
    return "";
  }
}

/** What `watch` does with a call of who may watch. */
function watched(server: ControlServer, call = new UnreadWatch()): UnreadWatch {
  const { watch } = server.handlers(() => null);
  (watch as unknown as (call: UnreadWatch) => void)(call);
  return call;
}

test("of too many requests the last is told to try again", async () => {
  const { server, tokens, replies } = asked(4_097);
  expect(server.waiting).toBe(4_096);
  await expect(replies.at(-1)).rejects.toThrow("4096 requests wait for an answer already");
  server.reply(tokens[0] as number, empty);
  await replies[0];
  void server.ask(question).catch(() => undefined);
  expect(server.waiting).toBe(4_096);
  server.stop();
  await Promise.allSettled(replies);
});

test("so many watch and no more, until one has gone", () => {
  const { server } = asked(0);
  const calls = Array.from({ length: 257 }, () => watched(server));
  const refused = "256 watch here already";
  expect(calls.map((call) => call.refused)).toEqual([...Array(256).fill(""), refused]);
  expect(() =>
    server.watch(
      [],
      () => undefined,
      () => undefined,
    ),
  ).toThrow(refused);
  calls[0]?.emit("cancelled");
  expect(watched(server).refused).toBe("");
});

test("whoever watches hears of its tables, and no secret's data", () => {
  const { server } = asked(0);
  const heard: WatchEvent[] = [];
  server.watch(
    ["secret"],
    (event) => heard.push(event),
    () => undefined,
  );
  made(server, service("web"), secret("key"));
  expect(heard).toMatchObject([{ index: 2, current: { id: "key", spec: { data: "" } } }]);
});

test("whoever reads nothing is cut off, thousands of events behind", () => {
  const { server } = asked(0);
  const call = watched(server);
  for (let times = 0; times < 4_097; times += 1) made(server, service("web"));
  expect(call.refused).toBe("");
  made(server, service("web"));
  expect(call.refused).toMatch(/^you are 4097 events and \d+ bytes behind: list what there is/);
  expect(call.written).toBe(1);
});

test("whoever watches is told to begin anew where the store does, unless it follows", () => {
  const { server } = asked(0);
  const ends: string[] = [];
  const followed: WatchEvent[] = [];
  server.watch(
    [],
    () => undefined,
    ({ message }) => ends.push(message),
  );
  server.follow([], (event) => followed.push(event));
  const call = watched(server);
  const snapshot = { index: 9, time: 0, objects: [], sessions: [], failures: [] };
  server.happened({ kind: "restored", snapshot } as never);
  expect(ends).toEqual([call.refused]);
  expect(call.refused).toContain("begun anew from a snapshot");
  made(server, service("web"));
  expect(followed).toHaveLength(1);
});
