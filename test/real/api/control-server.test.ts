import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import type { ClientReply, ClientRequest } from "../../../core/control/command.ts";
import { ControlServer } from "../../../real/api/control-server.ts";

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
