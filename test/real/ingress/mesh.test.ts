import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import type { Backend } from "../../../core/model/ingress.ts";
import { freePort } from "../../../real/daemon/dev.ts";
import { Mesh, type MeshNotice, type MeshOptions } from "../../../real/ingress/mesh.ts";
import { Traffic, type TrafficName } from "../../../real/ingress/traffic.ts";
import { patienceMs } from "../../support/patience.ts";

// Goal: a published port carries what clients say to the tasks that core names, and what those say
// back, as if they were connected; what goes wrong with one port or one task is said, and no more.
// Method: real sockets on loopback.

const host = "127.0.0.1";
const closers: (() => unknown)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

function newMesh(options: Partial<MeshOptions> = {}) {
  const notices: MeshNotice[] = [];
  const mesh = new Mesh({ host, notice: (notice) => notices.push(notice), ...options });
  closers.push(() => mesh.close());
  return { mesh, notices };
}

/** A task that talks TCP as `serve` says. */
async function tcpTask(task: string, serve: (socket: Socket) => void): Promise<Backend> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => undefined);
    serve(socket);
  });
  server.listen(0, host);
  await once(server, "listening");
  closers.push(() => server.close());
  return { task, address: host, port: portOf(server) };
}

function portOf(server: Server | UdpSocket): number {
  return (server.address() as AddressInfo).port;
}

/** A task that says its name to whoever connects. */
const named = (task: string) => tcpTask(task, (socket) => socket.end(task));

/** One that is not there. */
async function absent(task: string): Promise<Backend> {
  return { task, address: host, port: await freePort() };
}

interface Published {
  readonly mesh: Mesh;
  readonly notices: readonly MeshNotice[];
  readonly port: number;
  lead(...backends: Backend[]): void;
}

async function published(
  protocol: "tcp" | "udp",
  backends: Backend[],
  options: Partial<MeshOptions> = {},
): Promise<Published> {
  const { mesh, notices } = newMesh(options);
  const port = await freePort();
  const lead = (...to: Backend[]) => mesh.route({ protocol, publishedPort: port, backends: to });
  lead(...backends);
  await answering(notices);
  return { mesh, notices, port, lead };
}

async function answering(notices: readonly MeshNotice[]): Promise<void> {
  await until(() => notices.some(({ text: said }) => said.includes("this node answers")));
}

async function until(isSo: () => boolean): Promise<void> {
  for (const end = Date.now() + patienceMs; !isSo(); await delay(10)) {
    if (Date.now() > end) throw new Error("it never came");
  }
}

function client(port: number): Socket {
  const socket = connect({ host, port, allowHalfOpen: true });
  closers.push(() => socket.destroy());
  return socket;
}

/** All that the other end says until its end; the connection stays as it is. */
function all(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    socket.once("end", () => resolve(Buffer.concat(chunks).toString()));
    socket.once("error", reject);
  });
}

/** What a client hears that says nothing itself. */
const heard = (port: number) => all(client(port).end());

describe("connections", () => {
  test("go to the tasks in turn", async () => {
    const { port } = await published("tcp", [await named("a"), await named("b"), await named("c")]);
    const said: string[] = [];
    for (let count = 0; count < 6; count += 1) said.push(await heard(port));
    expect(said.slice(0, 3).sort()).toEqual(["a", "b", "c"]);
    expect(said.slice(3)).toEqual(said.slice(0, 3));
  });

  test("go to the next task where one is not there, and nobody is refused", async () => {
    const { port } = await published("tcp", [
      await absent("a"),
      await named("b"),
      await absent("c"),
    ]);
    for (let count = 0; count < 6; count += 1) expect(await heard(port)).toBe("b");
  });

  test("are reset where no task is there", async () => {
    const { port, mesh } = await published("tcp", [await absent("a")]);
    await expect(heard(port)).rejects.toThrow("ECONNRESET");
    await until(() => mesh.connections === 0);
  });

  test("go on when their task serves no more, and new ones go elsewhere", async () => {
    const echo = await tcpTask("a", (socket) => socket.pipe(socket));
    const { port, lead } = await published("tcp", [echo]);
    const old = client(port);
    old.write("before");
    await once(old, "data");
    lead(await named("b"));
    expect(await heard(port)).toBe("b");
    old.end(" after");
    expect(await all(old)).toBe(" after");
  });

  test("are refused once nothing serves the port, and the port is free for others", async () => {
    const { port, lead } = await published("tcp", [await named("a")]);
    lead();
    await expect(heard(port)).rejects.toThrow("ECONNREFUSED");
    const other = createServer().listen(port, host);
    await once(other, "listening");
    other.close();
  });

  test("over IPv6 and IPv4 arrive at a node that listens on all its addresses", async () => {
    const notices: MeshNotice[] = [];
    const mesh = new Mesh({ host: null, notice: (notice) => notices.push(notice) });
    closers.push(() => mesh.close());
    const port = await freePort();
    const backends = [await named("a")];
    mesh.route({ protocol: "tcp", publishedPort: port, backends });
    await answering(notices);
    expect(await heard(port)).toBe("a");
    const six = connect({ host: "::1", port });
    closers.push(() => six.destroy());
    expect(await all(six).catch((error: NodeJS.ErrnoException) => error.code)).toMatch(
      /^(a|EADDRNOTAVAIL|EAFNOSUPPORT)$/,
    );
  });
});

describe("a connection", () => {
  test("may be closed in one direction and go on in the other", async () => {
    const answersAtEnd = await tcpTask("a", (socket) => {
      void all(socket).then((question) => socket.end(`you said ${question}`));
    });
    const { port, mesh } = await published("tcp", [answersAtEnd]);
    const asking = client(port);
    asking.end("hello");
    expect(await all(asking)).toBe("you said hello");
    await until(() => mesh.connections === 0);
  });

  test("may be closed by the task first, which still hears the client", async () => {
    const said: Promise<string>[] = [];
    const endsFirst = await tcpTask("a", (socket) => {
      socket.end("bye");
      said.push(all(socket));
    });
    const { port } = await published("tcp", [endsFirst]);
    const late = client(port);
    expect(await all(late)).toBe("bye");
    late.end("still here");
    expect(await said[0]).toBe("still here");
  });

  test("is no faster than its reader, and loses nothing", async () => {
    const megabytes = 64;
    const whole = megabytes * 1024 * 1024;
    const written = { bytes: 0 };
    const pours = await tcpTask("a", (socket) => {
      const pour = () => {
        while (written.bytes < whole) {
          written.bytes += 65_536;
          if (!socket.write(Buffer.alloc(65_536, 1))) return void socket.once("drain", pour);
        }
        socket.end();
      };
      pour();
    });
    const { port } = await published("tcp", [pours]);
    const reader = client(port).pause();
    await delay(500);
    expect(written.bytes).toBeLessThan(whole / 2);
    let bytes = 0;
    reader.on("data", (data) => {
      bytes += data.length;
    });
    await once(reader.resume(), "end");
    expect(bytes).toBe(whole);
  });

  test("that one end breaks is broken for the other", async () => {
    const ends: Promise<unknown>[] = [];
    const waits = await tcpTask("a", (socket) => {
      ends.push(new Promise((resolve) => socket.resume().once("close", resolve)));
      socket.write("go");
    });
    const { port, mesh } = await published("tcp", [waits]);
    const breaking = client(port);
    await once(breaking, "data");
    breaking.resetAndDestroy();
    await ends[0];
    await until(() => mesh.connections === 0);
    const breaks = await tcpTask(
      "b",
      (socket) => void socket.once("data", () => socket.resetAndDestroy()),
    );
    const other = await published("tcp", [breaks]);
    const broken = client(other.port);
    broken.write("x");
    await expect(all(broken)).rejects.toThrow("ECONNRESET");
  });

  test("beyond what the node carries is turned away, and that is said", async () => {
    const holds = await tcpTask("a", (socket) => socket.write("in"));
    const { port, notices, mesh } = await published("tcp", [holds], { most: 2 });
    const [one, two] = [client(port), client(port)];
    await Promise.all([once(one, "data"), once(two, "data")]);
    await expect(heard(port)).rejects.toThrow("ECONNRESET");
    expect(notices.at(-1)?.text).toBe("clients are turned away: this node carries 2 connections");
    one.resetAndDestroy();
    await until(() => mesh.connections === 1);
    const third = client(port);
    await once(third, "data");
  });

  test("are counted, with bytes and those that nobody took, for other threads too", async () => {
    const traffic = new Traffic();
    const echo = await tcpTask("a", (socket) => socket.pipe(socket));
    const { port, lead } = await published("tcp", [echo], { most: 2, traffic });
    const [one, two] = [client(port), client(port)];
    one.write("12345");
    two.write("6");
    await Promise.all([once(one, "data"), once(two, "data")]);
    await expect(heard(port)).rejects.toThrow("ECONNRESET");
    const there = new Traffic(traffic.memory);
    const counts = (...names: TrafficName[]) => names.map((name) => there.count(name));
    expect(counts("open", "carried", "turnedAway", "bytesIn", "bytesOut")).toEqual([2, 2, 1, 6, 6]);
    one.end();
    two.end();
    await until(() => there.count("open") === 0);
    lead(await absent("b"));
    await expect(heard(port)).rejects.toThrow("ECONNRESET");
    expect(counts("open", "carried", "turnedAway", "unreachable")).toEqual([0, 2, 1, 1]);
  });
});

describe("a port that another program has", () => {
  test("is said once and tried again, while other ports answer", async () => {
    const other = createServer().listen(0, host);
    await once(other, "listening");
    const port = portOf(other);
    const { mesh, notices } = newMesh({ retryMs: 20 });
    const backends = [await named("a")];
    mesh.route({ protocol: "tcp", publishedPort: port, backends });
    const free = await freePort();
    mesh.route({ protocol: "tcp", publishedPort: free, backends });
    await answering(notices);
    expect(await heard(free)).toBe("a");
    await delay(100);
    const warned = notices.filter(({ level }) => level === "warn");
    expect(warned).toEqual([
      {
        level: "warn",
        port: `tcp ${port}`,
        text:
          "this node can't answer on the published port: another program has it. It is tried " +
          "again; other nodes answer meanwhile",
      },
    ]);
    other.close();
    await until(() => notices.some(({ level }) => level === "info"));
    expect(await heard(port)).toBe("a");
  });
});

/** A task that answers each datagram with its name and what was said. */
async function udpTask(task: string): Promise<Backend & { close(): Promise<void> }> {
  const socket = createSocket("udp4");
  socket.on("message", (said, { port, address }) => socket.send(`${task}: ${said}`, port, address));
  socket.bind(0, host);
  await once(socket, "listening");
  const close = () => new Promise<void>((resolve) => socket.close(resolve));
  closers.push(() => close().catch(() => undefined));
  return { task, address: host, port: portOf(socket), close };
}

/** A sender that waits for the answer to each of its datagrams; by default long. */
function sender(port: number) {
  const socket = createSocket("udp4");
  closers.push(() => socket.close());
  return async (said: string, withinMs = patienceMs): Promise<string> => {
    const answered = once(socket, "message");
    socket.send(said, port, host);
    const [answer] = (await Promise.race([answered, delay(withinMs, ["silence"])])) as [Buffer];
    return answer.toString();
  };
}

describe("datagrams", () => {
  test("of one sender go to one task, those of others to others", async () => {
    const [a, b] = [await udpTask("a"), await udpTask("b")];
    const { port, mesh } = await published("udp", [a, b]);
    const [one, two] = [sender(port), sender(port)];
    const first = [await one("1"), await one("2"), await two("1"), await two("2")];
    const tasks = first.map((said) => said[0]);
    expect(tasks[0]).toBe(tasks[1]);
    expect(tasks[2]).toBe(tasks[3]);
    expect(new Set(tasks).size).toBe(2);
    expect(mesh.connections).toBe(2);
  });

  test("go to another task when theirs serves no more", async () => {
    const [a, b] = [await udpTask("a"), await udpTask("b")];
    const { port, lead, mesh } = await published("udp", [a]);
    const say = sender(port);
    expect(await say("1")).toBe("a: 1");
    lead(b);
    expect(await say("2")).toBe("b: 2");
    lead();
    expect(mesh.connections).toBe(0);
  });

  test("find the next task when theirs is gone and core does not know yet", async () => {
    const [a, b] = [await udpTask("a"), await udpTask("b")];
    const { port } = await published("udp", [a, b]);
    const say = sender(port);
    const task = (await say("1"))[0];
    await (task === "a" ? a : b).close();
    expect(await say("lost", 500)).toBe("silence");
    expect((await say("2"))[0]).toBe(task === "a" ? "b" : "a");
  });

  test("are as long as UDP allows", async () => {
    const { port } = await published("udp", [await udpTask("a")]);
    const long = "x".repeat(60_000);
    expect(await sender(port)(long)).toBe(`a: ${long}`);
  });
});
