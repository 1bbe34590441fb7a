import { describe, expect, test } from "vitest";
import type { NodeMessage } from "../../../core/node/message.ts";
import { EventKind, Kernel } from "../../../sim/kernel.ts";
import { type LinkConditions, type Packet, SimNetwork } from "../../../sim/ports/network.ts";
import { random } from "../../support/store.ts";
import { runOut, runUntil } from "../../support/world.ts";

const hosts = 3;
const message = (token: number): NodeMessage => ({
  kind: "forward-reply",
  incarnation: 0,
  token,
  reply: { kind: "result", objects: [] },
});

interface Arrival extends Packet {
  readonly time: number;
}

function setUp(conditions: Partial<LinkConditions> = {}, accept = () => true) {
  const kernel = new Kernel();
  const arrivals: Arrival[] = [];
  const network = new SimNetwork(kernel, random(), hosts, (packet) => {
    if (accept()) arrivals.push({ ...packet, time: kernel.now });
    return accept();
  });
  Object.assign(network.conditions, conditions);
  const token = ({ message: arrived }: Packet) => (arrived as { token: number }).token;
  return { kernel, network, arrivals, tokens: () => arrivals.map(token) };
}

function sendMany(network: SimNetwork, count: number): void {
  for (let token = 0; token < count; token += 1) network.send(0, 1, message(token));
}

describe("a sound network", () => {
  test("delivers every message once, no sooner than the least latency", () => {
    const { kernel, network, arrivals } = setUp({ latencyMin: 500, latencyMean: 300 });
    sendMany(network, 1_000);
    runOut(kernel);
    expect(arrivals).toHaveLength(1_000);
    expect(Math.min(...arrivals.map(({ time }) => time))).toBeGreaterThanOrEqual(500);
    expect([network.sent, network.dropped]).toEqual([1_000, 0]);
  });

  test("delivers by reference, from whom to whom it was sent, and lets messages overtake", () => {
    const { kernel, network, arrivals, tokens } = setUp();
    sendMany(network, 100);
    runOut(kernel);
    expect(arrivals[0]).toMatchObject({ from: 0, to: 1 });
    expect(tokens()).not.toEqual([...tokens()].sort((left, right) => left - right));
    const sent = message(1);
    network.send(2, 0, sent);
    runOut(kernel);
    expect(arrivals.at(-1)?.message).toBe(sent);
  });

  test("brings to a host what it sends to itself, cut off from all others or not", () => {
    const { kernel, network, arrivals } = setUp({ lossPerMillion: 1_000_000 });
    network.cut(0, 1);
    network.send(0, 0, message(1));
    runOut(kernel);
    expect(arrivals).toHaveLength(1);
  });
});

describe("a bad network", () => {
  test("loses about as many as it should", () => {
    const { kernel, network, arrivals } = setUp({ lossPerMillion: 100_000 });
    sendMany(network, 20_000);
    runOut(kernel);
    expect(Math.abs(arrivals.length - 18_000)).toBeLessThan(300);
    expect(network.dropped).toBe(20_000 - arrivals.length);
  });

  test("delivers about as many twice as it should, and none more often", () => {
    const { kernel, network, tokens } = setUp({ duplicatesPerMillion: 200_000 });
    sendMany(network, 20_000);
    runOut(kernel);
    expect(Math.abs(tokens().length - 24_000)).toBeLessThan(300);
    expect(new Set(tokens()).size).toBe(20_000);
  });

  test("counts what a host that is off does not take", () => {
    const { kernel, network } = setUp({}, () => false);
    sendMany(network, 10);
    runOut(kernel);
    expect(network.dropped).toBe(10);
  });
});

describe("a cut", () => {
  test("is in one direction", () => {
    const { kernel, network, arrivals } = setUp();
    network.cut(0, 1);
    expect([network.isCut(0, 1), network.isCut(1, 0)]).toEqual([true, false]);
    network.send(0, 1, message(1));
    network.send(1, 0, message(2));
    network.send(0, 2, message(3));
    runOut(kernel);
    expect(arrivals.map(({ from, to }) => [from, to]).sort()).toEqual([
      [0, 2],
      [1, 0],
    ]);
  });

  test("loses what is under way", () => {
    const { kernel, network, arrivals } = setUp({ latencyMin: 1_000, latencyMean: 0 });
    network.send(0, 1, message(1));
    kernel.schedule(500, EventKind.FAULT, -1, null, () => {
      network.cut(0, 1);
      return true;
    });
    runOut(kernel);
    expect([arrivals.length, network.dropped]).toEqual([0, 1]);
  });

  test("keeps back the answer that nobody listens", () => {
    const { kernel, network } = setUp();
    const packet = { from: 0, to: 1, certificate: null, message: message(1) };
    const told: string[] = [];
    const tell = (when: string) => () => told.push(when) > 0;
    network.refuse(packet, tell("before"));
    network.cut(1, 0);
    runOut(kernel);
    network.mend(1, 0);
    network.cut(0, 1);
    network.refuse(packet, tell("after"));
    runOut(kernel);
    expect(told).toEqual(["after"]);
  });

  test("is mended when it has been mended as often as it was made", () => {
    const { network } = setUp();
    network.cut(0, 1);
    network.cut(0, 1);
    network.mend(0, 1);
    expect(network.isCut(0, 1)).toBe(true);
    network.mend(0, 1);
    expect(network.isCut(0, 1)).toBe(false);
    network.mend(0, 1);
    network.cut(0, 1);
    expect(network.isCut(0, 1)).toBe(true);
  });
});

test("SimNetwork draws nothing for losses and copies that never happen", () => {
  const streams = [random(), random()];
  for (const [at, stream] of streams.entries()) {
    const kernel = new Kernel();
    const network = new SimNetwork(kernel, stream, hosts, () => true);
    if (at === 1) network.conditions.lossPerMillion = 0;
    sendMany(network, 10);
    runUntil({ kernel }, 1);
  }
  expect(streams[0]?.draws).toBe(10);
  expect(streams[1]?.draws).toBe(10);
});

describe("a link", () => {
  test("takes no more messages than it has room for, and others once these have arrived", () => {
    const { kernel, network, arrivals } = setUp({ capacity: 2 });
    sendMany(network, 3);
    network.send(0, 2, message(9));
    network.send(1, 0, message(9));
    expect([network.sent, network.dropped]).toEqual([5, 1]);
    runOut(kernel);
    expect(arrivals).toHaveLength(4);
    sendMany(network, 2);
    runOut(kernel);
    expect([arrivals.length, network.dropped]).toEqual([6, 1]);
  });

  test("that is clogged keeps back what arrives until it is free, and loses nothing", () => {
    const { kernel, network, arrivals } = setUp({ latencyMin: 1_000, latencyMean: 0 });
    network.clog(0, 1, 5_000);
    network.clog(0, 1, 2_000);
    network.send(0, 1, message(1));
    network.send(1, 0, message(2));
    runOut(kernel);
    expect(arrivals.map(({ to, time }) => [to, time])).toEqual([
      [0, 1_000],
      [1, 5_000],
    ]);
    network.clog(0, 1, 5_000);
    network.unclog();
    network.send(0, 1, message(3));
    runOut(kernel);
    expect([arrivals.at(-1)?.time, network.dropped]).toEqual([6_000, 0]);
  });

  test("that is clogged has its room taken by what waits", () => {
    const { kernel, network } = setUp({ capacity: 1, latencyMin: 1_000, latencyMean: 0 });
    network.clog(0, 1, 5_000);
    network.send(0, 1, message(1));
    kernel.step();
    network.send(0, 1, message(2));
    expect(network.dropped).toBe(1);
  });
});
