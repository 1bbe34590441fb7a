import { expect, test } from "vitest";
import { limits } from "../../../core/base/limits.ts";
import { type Instant, never, seconds } from "../../../core/base/time.ts";
import { forwardTimeout } from "../../../core/node/config.ts";
import { Forwards } from "../../../core/node/forwards.ts";
import { noLeader } from "../../../core/node/replies.ts";
import { random } from "../../support/store.ts";

const at = (second: number) => seconds(second) as number as Instant;
const small = { kind: "remove-task", id: "t1" } as const;
const forwards = (seed = 1) => new Forwards(random(seed));

test("Forwards.close() gives the client's token back, once", () => {
  const open = forwards();
  const token = open.open(42, small, at(0)) ?? 0;
  expect(open.close(token)).toBe(42);
  expect(open.close(token)).toBeNull();
  expect(open.close(token + 1)).toBeNull();
});

test("Forwards.open() never gives one token twice, nor that of an earlier life", () => {
  const [first, second] = [forwards(1), forwards(2)];
  const tokens = [first, second].flatMap((each) => [
    each.open(1, small, at(0)),
    each.open(2, small, at(0)),
  ]);
  expect(new Set(tokens).size).toBe(4);
  expect(tokens.every((token) => Number.isSafeInteger(token))).toBe(true);
});

test("Forwards.expire() gives up what has waited too long; its answer comes too late", () => {
  const open = forwards();
  const early = open.open(1, small, at(0)) ?? 0;
  open.open(2, small, at(1));
  const timeout = forwardTimeout / 1e6;
  expect(open.deadline).toBe(at(timeout));
  expect(open.expire(at(timeout - 1))).toEqual([]);
  expect(open.expire(at(timeout))).toEqual([1]);
  expect(open.close(early)).toBeNull();
  expect(open.deadline).toBe(at(timeout + 1));
  expect(open.expire(at(timeout + 1))).toEqual([2]);
  expect(open.deadline).toBe(never);
});

test("Forwards.expire() waits longer for what is large, and for what is behind it", () => {
  const open = forwards();
  const spec = { name: "c", labels: new Map(), data: "x".repeat(1_400_000) };
  open.open(1, small, at(0));
  open.open(2, { kind: "create-config", spec }, at(1));
  open.close(open.open(4, small, at(2)) ?? 0);
  open.open(3, small, at(2));
  expect(open.expire(at(30))).toEqual([1]);
  expect(open.expire(at(60))).toEqual([2, 3]);
});

test("Forwards.open() takes no more than it may have waiting", () => {
  const open = forwards();
  for (let each = 0; each < limits.forwardedRequests; each += 1) open.open(each, small, at(0));
  expect(open.open(1, small, at(0))).toBeNull();
  open.expire(at(1_000));
  expect(open.open(1, small, at(1_000))).not.toBeNull();
});

test("noLeader() says so in SwarmKit's words", () => {
  const reply = noLeader(null);
  expect(reply).toMatchObject({ kind: "try-again", leader: null });
  expect(reply.kind === "try-again" ? reply.reason : "").toMatch(
    /^The swarm does not have a leader\. It's possible that too few managers are online\./,
  );
});
