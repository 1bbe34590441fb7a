import { expect, test } from "vitest";
import { randomOf } from "../../../sim/chance/random-of.ts";
import { Caller } from "../../../sim/users/caller.ts";
import { FanOut } from "../../../sim/world/observer.ts";
import { runUntil, worldOf } from "../../support/world.ts";

test("a user goes on asking where no node is a manager any more, until it gives up", () => {
  const { kernel, managers } = worldOf({ managers: 1, workers: 0 });
  const hosts = [...managers];
  const patience = { answerTimeout: 1_000_000, giveUpAfter: 5_000_000 };
  const caller = new Caller({ kernel, hosts, observer: new FanOut() }, randomOf("1"), patience, 0);
  hosts.pop();
  const heard: unknown[] = [];
  caller.moveOn();
  const query = { kind: "get-service", name: "web" } as const;
  caller.ask({ kind: "query", query, consistency: "linearizable" }, (answer) => {
    heard.push(answer);
  });
  runUntil({ kernel }, 4);
  expect(heard).toEqual([]);
  runUntil({ kernel }, 7);
  expect(heard).toEqual([null]);
});
