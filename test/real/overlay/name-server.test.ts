import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import { connect } from "node:net";
import { decode, encode, type Packet, streamDecode, streamEncode } from "dns-packet";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { freePort } from "../../../real/daemon/dev.ts";
import { NameServer } from "../../../real/overlay/name-server.ts";
import { NameServers } from "../../../real/overlay/name-servers.ts";
import { Names } from "../../../real/overlay/names.ts";
import { Upstream } from "../../../real/overlay/upstream.ts";
import { overlayState, peer } from "../../support/node-overlays.ts";

// Goal: whoever asks in an overlay is told of the tasks that serve there, and of no others; what is
// not known is left to others, and nothing that is sent does any harm.
// Method: real sockets on loopback, asked by the resolver of the platform, and by hand where it
// would not ask so.

const host = "127.0.0.1";
const closers: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** Answers for what is in `names`, as if all who ask had this address in the network. */
async function serverOf(names: Names, network: string, asker = "10.0.1.9", upstream?: Upstream) {
  const server = new NameServer({
    address: host,
    port: await freePort(),
    lookup: () => names.for(network, asker),
    elsewhere: async (query, by) => upstream?.ask(query, by) ?? null,
  });
  await server.bind();
  closers.push(() => server.close());
  return { port: server.port, resolver: resolverAt(server.port) };
}

function resolverAt(port: number): Resolver {
  const resolver = new Resolver({ timeout: 1_000, tries: 1 });
  resolver.setServers([`${host}:${port}`]);
  return resolver;
}

function namesOf(...states: ReturnType<typeof overlayState>[]): Names {
  const names = new Names();
  for (const state of states) names.carry(state);
  return names;
}

const front = overlayState("front", [
  peer("web1", "10.0.1.2", { names: ["web", "www"] }),
  peer("web2", "10.0.1.3", { names: ["web", "www"], node: "10.9.0.2" }),
  peer("web3", "10.0.1.4", { names: ["web", "www"], serves: false }),
  peer("late1", "10.0.1.5", { serves: false }),
]);

async function datagram(port: number, bytes: Uint8Array): Promise<Packet> {
  const socket = createSocket("udp4");
  socket.send(bytes, port, host);
  const [answer] = (await once(socket, "message")) as [Buffer];
  socket.close();
  return decode(answer);
}

const query = (name: string, traits: Packet = {}): Packet => ({
  ...{ type: "query", id: 7, flags: 256, questions: [{ type: "A", name }] },
  ...traits,
});

describe("names", () => {
  test("a name leads to the tasks that serve, wherever they are", async () => {
    const { resolver } = await serverOf(namesOf(front), "front");
    for (const name of ["web", "www", "tasks.web", "WEB", "web.front"]) {
      expect((await resolver.resolve4(name)).sort()).toEqual(["10.0.1.2", "10.0.1.3"]);
    }
    expect(await resolver.resolve4("web.3.web3")).toEqual(["10.0.1.4"]);
    expect(await resolver.reverse("10.0.1.3")).toEqual(["web.2.web2.front"]);
  });

  test("their order is another each time, and they are soon asked for again", async () => {
    const { resolver } = await serverOf(namesOf(front), "front");
    const firsts = new Set<string>();
    for (let left = 60; left > 0 && firsts.size < 2; left -= 1) {
      const [first] = await resolver.resolve4("web", { ttl: true });
      expect(first?.ttl).toBe(1);
      firsts.add(first?.address ?? "");
    }
    expect(firsts.size).toBe(2);
  });

  test("a name that is known and has no such record is no name that is not known", async () => {
    const { resolver } = await serverOf(namesOf(front), "front");
    await expect(resolver.resolve6("web")).rejects.toMatchObject({ code: "ENODATA" });
    await expect(resolver.resolve4("late")).rejects.toMatchObject({ code: "ENODATA" });
    await expect(resolver.resolve4("other")).rejects.toMatchObject({ code: "EREFUSED" });
    await expect(resolver.reverse("10.0.1.77")).rejects.toThrow();
  });

  test("a task finds what is in all of its networks, and nobody else's", async () => {
    const back = overlayState("back", [peer("db1", "10.0.2.2"), peer("web1", "10.0.2.3")]);
    const names = namesOf(front, back);
    const { resolver } = await serverOf(names, "front", "10.0.1.2");
    expect(await resolver.resolve4("db")).toEqual(["10.0.2.2"]);
    const other = await serverOf(names, "front", "10.0.1.3");
    await expect(other.resolver.resolve4("db")).rejects.toMatchObject({ code: "EREFUSED" });
    names.carry(overlayState("back", null));
    await expect(resolver.resolve4("db")).rejects.toMatchObject({ code: "EREFUSED" });
  });
});

describe("on the wire", () => {
  const many = Array.from({ length: 200 }, (_, at) => peer(`web${at}`, `10.0.1.${at + 2}`));

  test("what does not fit into a datagram comes over TCP", async () => {
    const { port, resolver } = await serverOf(namesOf(overlayState("front", many)), "front");
    const cut = await datagram(port, encode(query("web")));
    expect(cut).toMatchObject({ flag_tc: true, rcode: "NOERROR", id: 7 });
    expect(cut.answers?.length).toBeGreaterThan(20);
    expect(await resolver.resolve4("web")).toHaveLength(200);
  });

  test("a client that takes more gets more, and hears that it was understood", async () => {
    const { port } = await serverOf(namesOf(overlayState("front", many)), "front");
    const flags = { flags: 0, extendedRcode: 0, ednsVersion: 0, flag_do: false, options: [] };
    const option = { type: "OPT", name: ".", udpPayloadSize: 4_096, ...flags } as const;
    const cut = await datagram(port, encode(query("web", { additionals: [option] })));
    expect(cut.answers?.length).toBeGreaterThan(50);
    expect(cut.additionals).toMatchObject([{ type: "OPT" }]);
  });

  test("queries over one connection are answered one by one, however they are cut", async () => {
    const { port } = await serverOf(namesOf(front), "front");
    const socket = connect(port, host);
    const bytes = Buffer.concat(["www", "web.3.web3"].map((name) => streamEncode(query(name))));
    socket.write(bytes.subarray(0, 25));
    setTimeout(() => socket.write(bytes.subarray(25)), 20);
    let heard = Buffer.alloc(0);
    const answers: number[] = [];
    while (answers.length < 2) {
      const [more] = (await once(socket, "data")) as [Buffer];
      heard = Buffer.concat([heard, more]);
      for (let one = nextOf(heard); one !== null; one = nextOf(heard)) {
        answers.push(one.answers?.length ?? 0);
        heard = heard.subarray(2 + heard.readUInt16BE());
      }
    }
    socket.destroy();
    expect(answers).toEqual([2, 1]);
  });

  function nextOf(heard: Buffer): Packet | null {
    return heard.length < 2 ? null : streamDecode(heard);
  }

  test("what is no plain query is told so; an answer is no query", async () => {
    const { port } = await serverOf(namesOf(front), "front");
    const notify = await datagram(port, encode(query("web", { flags: 4 << 11 })));
    expect(notify).toMatchObject({ rcode: "NOTIMP" });
    const two = [query("web"), query("web")].flatMap(({ questions = [] }) => questions);
    const both = await datagram(port, encode(query("web", { questions: two })));
    expect(both).toMatchObject({ rcode: "FORMERR" });
  });

  test("no bytes do any harm", async () => {
    const { port, resolver } = await serverOf(namesOf(front), "front");
    const socket = createSocket("udp4");
    const plain = new Uint8Array(encode(query("web")));
    const broken = fc.tuple(fc.nat(plain.length - 1), fc.nat(255)).map(([at, byte]) => {
      return plain.map((each, index) => (index === at ? byte : each));
    });
    for (const bytes of fc.sample(fc.oneof(fc.uint8Array({ minLength: 1 }), broken), 500)) {
      socket.send(bytes, port, host);
      const stream = connect(port, host, () => stream.end(bytes));
      stream.on("error", () => undefined).resume();
      await once(stream, "close");
    }
    socket.close();
    expect(await resolver.resolve4("web")).toHaveLength(2);
  });

  test("a client that asks and asks, and reads nothing, is cut off", async () => {
    const { port, resolver } = await serverOf(namesOf(overlayState("front", many)), "front");
    const before = process.memoryUsage().rss;
    const client = connect(port, host).pause();
    client.on("error", () => undefined);
    const queries = Buffer.concat(Array.from({ length: 100 }, () => streamEncode(query("web"))));
    const timer = setInterval(() => client.write(queries), 1);
    await new Promise((closed) => client.once("close", closed));
    clearInterval(timer);
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
    expect(await resolver.resolve4("web")).toHaveLength(200);
  });

  test("of queries that others are to answer no more wait than there is room for", async () => {
    const server = new NameServer({
      address: host,
      port: await freePort(),
      lookup: () => namesOf(front).for("front", "10.0.1.9"),
      elsewhere: () => new Promise(() => undefined),
    });
    await server.bind();
    closers.push(() => server.close());
    const client = connect(server.port, host);
    closers.push(() => client.destroy());
    const asked = Array.from({ length: 257 }, (_, id) => streamEncode(query("other", { id })));
    client.write(Buffer.concat(asked));
    const [answer] = (await once(client, "data")) as [Buffer];
    expect(streamDecode(answer)).toMatchObject({ id: 256, rcode: "REFUSED" });
  });

  test("clients that only hold a place keep nobody from asking, and are let go", async () => {
    const { port } = await serverOf(namesOf(front), "front");
    const clients = Array.from({ length: 300 }, () => connect(port, host));
    for (const client of clients) client.on("error", () => undefined).resume();
    expect((await datagram(port, encode(query("web")))).answers).toHaveLength(2);
    await Promise.all(clients.map((client) => client.closed || once(client, "close")));
  }, 20_000);
});

describe("other resolvers", () => {
  const world = namesOf(overlayState("world", [peer("example1", "192.0.2.7")]));

  test("are asked where only the machine reaches them, by UDP and by TCP", async () => {
    const { port } = await serverOf(world, "world");
    const upstream = new Upstream(() => ["127.0.0.9", host], port);
    const { port: own, resolver } = await serverOf(namesOf(front), "front", "", upstream);
    expect(await resolver.resolve4("example")).toEqual(["192.0.2.7"]);
    const socket = connect(own, host, () => socket.write(streamEncode(query("example"))));
    const [bytes] = (await once(socket, "data")) as [Buffer];
    socket.destroy();
    expect(streamDecode(bytes)?.answers).toMatchObject([{ data: "192.0.2.7" }]);
  });

  test("are not asked where containers reach them", async () => {
    const { port } = await serverOf(world, "world");
    const upstream = new Upstream(() => [host, "192.0.2.1"], port);
    const { resolver } = await serverOf(namesOf(front), "front", "", upstream);
    await expect(resolver.resolve4("example")).rejects.toMatchObject({ code: "EREFUSED" });
  });
});

describe("several processes", () => {
  /** As `front`, on the machine itself. */
  const here = { ...front, gateway: host, subnet: "127.0.0.0/8" };

  async function process(id: string, gateway: string, port: number, subnet = here.subnet) {
    const problems: (string | null)[] = [];
    const notice = ({ problem }: { problem: string | null }) => problems.push(problem);
    const servers = new NameServers({ notice, port, retryMs: 20 });
    closers.push(() => servers.close());
    servers.order({ kind: "carry", overlay: { ...here, id, gateway, subnet } });
    servers.order({ kind: "open", network: id });
    await expect.poll(() => problems.length).toBe(1);
    return { problems, servers };
  }

  test("on one engine are content with one that answers, and another takes its place", async () => {
    const port = await freePort();
    const first = await process("front", host, port);
    const second = await process("front", host, port);
    expect([...first.problems, ...second.problems]).toEqual([null, null]);
    first.servers.order({ kind: "carry", overlay: { ...here, peers: null } });
    second.servers.order({
      kind: "carry",
      overlay: { ...here, peers: [peer("other1", "10.0.1.66")] },
    });
    const asked = () =>
      resolverAt(port)
        .resolve4("other")
        .catch(() => []);
    await expect.poll(asked).toEqual(["10.0.1.66"]);
  });

  test("answer those in the network, and nobody else", async () => {
    const port = await freePort();
    const { servers } = await process("front", host, port, "127.0.0.1/32");
    expect(await resolverAt(port).resolve4("web")).toHaveLength(2);
    servers.close();
    await process("front", host, port, "127.0.0.128/25");
    await expect(resolverAt(port).resolve4("web")).rejects.toMatchObject({ code: "EREFUSED" });
  });

  test("of which one is none of ours is a problem, until it is gone", async () => {
    const port = await freePort();
    const strange = createSocket("udp4").bind(port, host);
    await once(strange, "listening");
    const { problems } = await process("front", host, port);
    expect(problems).toEqual([expect.stringMatching(/another program has port \d+ of 127.0.0.1/)]);
    strange.close();
    await expect.poll(() => problems.at(-1)).toBe(null);
  });

  test("an engine whose networks are elsewhere is named as that", async () => {
    const { problems } = await process("front", "10.213.213.1", await freePort());
    expect(problems).toEqual([expect.stringContaining("its engine's networks are elsewhere")]);
  });
});
