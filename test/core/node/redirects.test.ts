import { expect, test } from "vitest";
import { ms } from "../../../core/base/time.ts";
import type { AgentMessage } from "../../../core/dispatch/message.ts";
import { Outbox } from "../../../core/node/outbox.ts";
import { Redirects } from "../../../core/node/redirects.ts";
import { description, node } from "../../support/model.ts";
import { commit, remove, storeOf, transact } from "../../support/store.ts";

// Goal: who looks for the leader hears of it as soon as a manager does, and of each leader once.

const outbox = (nodes = ["w1", "w2"].map((id) => node(id))) => {
  const box = new Outbox();
  const said = () =>
    box.take().flatMap((output) => {
      if (output.kind !== "send" || output.message.kind !== "dispatcher") return [];
      const { message } = output.message;
      return message.kind === "not-leader"
        ? [`${output.to} ${message.attempt ?? "-"} ${message.leader ?? "-"}`]
        : [];
    });
  const store = storeOf(...nodes);
  return { redirects: new Redirects(box, store), said, store };
};

const register = (attempt: number): AgentMessage => ({
  kind: "register",
  attempt,
  description: description("w1"),
  engineSilentFor: ms(0),
});

test("an agent is answered at once, and told of the next leader once it is known", () => {
  const { redirects, said } = outbox();
  redirects.answer("w1", register(3), null);
  expect(said()).toEqual(["w1 3 -"]);
  redirects.follow(null);
  expect(said()).toEqual([]);
  redirects.follow("m2");
  redirects.follow("m2");
  expect(said()).toEqual(["w1 3 m2"]);
});

test("one that was sent to a leader is told of its successor, and not of itself", () => {
  const { redirects, said } = outbox();
  redirects.follow("m1");
  redirects.answer("w1", register(4), "m1");
  expect(said()).toEqual(["w1 4 m1"]);
  redirects.follow(null);
  redirects.follow("m1");
  expect(said()).toEqual([]);
  redirects.follow("m2");
  expect(said()).toEqual(["w1 4 m2"]);
});

test("those who had sessions with a leader are told who follows it", () => {
  const { redirects, said } = outbox();
  redirects.follow("m1");
  redirects.deposed(["w1", "w2"]);
  expect(said()).toEqual([]);
  redirects.follow("m3");
  expect(said()).toEqual(["w1 - m3", "w2 - m3"]);
});

test("one that was removed, or is not in the store yet, is told once more and no more", () => {
  const { redirects, said, store } = outbox();
  redirects.follow("m1");
  redirects.deposed(["w1", "w2", "w3"]);
  commit(store, [transact(remove(node("w2")))]);
  redirects.follow("m2");
  expect(said()).toEqual(["w1 - m2", "w2 - m2", "w3 - m2"]);
  redirects.follow("m3");
  expect(said()).toEqual(["w1 - m3"]);
});
