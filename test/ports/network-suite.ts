import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { NodeMessage } from "../../core/node/message.ts";

/**
 * Three nodes that can reach each other, `a`, `b` and `c`, and `new`, which has no certificate yet
 * and knows where they are.
 */
export interface NetworkRig {
  send(from: string, to: string, message: NodeMessage): void;
  /** What has reached the node, in the order in which it came. */
  received(node: string): readonly { readonly from: string; readonly message: NodeMessage }[];
  /** Of whose machines the node was told that nobody listens there. */
  unreachable(node: string): readonly string[];
  /** Lets time pass until `isSo`; fails when it takes too long. */
  until(isSo: () => boolean): Promise<void>;
  /** Lets so much time pass that whatever was to come would have come. */
  quiet(): Promise<void>;
  stop(node: string): Promise<void>;
  start(node: string): Promise<void>;
  close(): Promise<void>;
}

export interface NetworkHarness {
  readonly name: string;
  setUp(): Promise<void>;
  open(): Promise<NetworkRig>;
  tearDown(): Promise<void>;
}

/** A message that can be told from others. */
function message(number: number): NodeMessage {
  return { kind: "superseded", managers: [`m${number}`, "ü"], incarnation: number };
}

/** One of a series, by which others may get. */
function bulk(number: number): NodeMessage {
  const reply = { kind: "result", objects: [] } as const;
  return { kind: "forward-reply", token: 0, reply, incarnation: number };
}

/** To a join. */
function answer(attempt: number): NodeMessage {
  const message = { kind: "ask-leader", attempt, leader: "a" } as const;
  return { kind: "ca-answer", message, incarnation: 0 };
}

// Goal: a network is what `core/ports/network.ts` says, the simulated one and the real one.

/** The tests that every network passes. */
export function networkConformance(harness: NetworkHarness): void {
  describe(harness.name, () => {
    let rig: NetworkRig;
    beforeAll(() => harness.setUp());
    beforeEach(async () => {
      rig = await harness.open();
      return () => rig.close();
    });
    afterAll(() => harness.tearDown());

    test("brings a message as it was sent, and says truly who sent it", async () => {
      rig.send("a", "b", message(1));
      rig.send("c", "b", message(2));
      await rig.until(() => rig.received("b").length === 2);
      expect(rig.received("b")).toContainEqual({ from: "a", message: message(1) });
      expect(rig.received("b")).toContainEqual({ from: "c", message: message(2) });
      expect([...rig.received("a"), ...rig.received("c")]).toEqual([]);
    });

    test("brings a node what it sends to itself, and not within the call", async () => {
      rig.send("a", "a", message(1));
      expect(rig.received("a")).toEqual([]);
      await rig.until(() => rig.received("a").length === 1);
      expect(rig.received("a")).toEqual([{ from: "a", message: message(1) }]);
    });

    test("loses what is for nobody, or for one who is down, without a word", async () => {
      await rig.stop("b");
      rig.send("a", "b", message(1));
      rig.send("a", "nobody", message(2));
      rig.send("a", "c", message(3));
      await rig.until(() => rig.received("c").length === 1);
      await rig.quiet();
      expect(rig.received("b")).toEqual([]);
    });

    test("tells who has sent something to where nobody listens, and nobody else", async () => {
      await rig.stop("b");
      rig.send("a", "b", message(1));
      rig.send("a", "nobody", message(2));
      rig.send("a", "c", message(3));
      await rig.until(() => rig.unreachable("a").length > 0 && rig.received("c").length > 0);
      expect(new Set(rig.unreachable("a"))).toEqual(new Set(["b"]));
      expect(rig.unreachable("c")).toEqual([]);
    });

    test("reaches a node again that was down", async () => {
      await rig.stop("b");
      await rig.start("b");
      for (let number = 1; rig.received("b").length === 0; number += 1) {
        rig.send("a", "b", message(number));
        await rig.quiet();
        expect(number).toBeLessThan(50);
      }
      expect(rig.received("b")[0]?.from).toBe("a");
    });

    streams(() => rig);
  });
}

function isUrgent(number: number): boolean {
  return number % 2 === 0;
}

function ascending(numbers: readonly number[]): number[] {
  return [...numbers].sort((left, right) => left - right);
}

/** That links are streams between nodes, each of which shows its certificate. */
function streams(rig: () => NetworkRig): void {
  test("takes hundreds of messages at once, and only what is urgent gets by others", async () => {
    const network = rig();
    network.send("a", "b", message(0));
    await network.until(() => network.received("b").length > 0);
    for (let number = 1; number <= 300; number += 1) {
      network.send("a", "b", isUrgent(number) ? message(number) : bulk(number));
    }
    await network.until(() => network.received("b").length === 301);
    const numbers = network.received("b").map(({ message: { incarnation } }) => incarnation);
    const [urgent, others] = [numbers.filter(isUrgent), numbers.filter((it) => !isUrgent(it))];
    expect(urgent).toEqual(ascending(urgent));
    expect(others).toEqual(ascending(others));
    const isAhead = (number: number) => numbers.indexOf(number) < numbers.indexOf(number - 1);
    expect(others.filter(isAhead)).toEqual([]);
  });

  test("brings a node without a certificate the answers to its join, and no more", async () => {
    const network = rig();
    network.send("new", "a", message(1));
    await network.until(() => network.received("a").length === 1);
    network.send("a", "new", message(2));
    network.send("a", "new", answer(3));
    await network.until(() => network.received("new").length > 0);
    await network.quiet();
    expect(network.received("new")).toEqual([{ from: "a", message: answer(3) }]);
  });
}
