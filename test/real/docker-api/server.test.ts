import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { type RequestOptions, request as requestTls } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { SigningRoot } from "../../../core/model/certificate.ts";
import { freePort } from "../../../real/daemon/dev.ts";
import { ApiError, type Route } from "../../../real/docker-api/routes.ts";
import { serveDockerApi } from "../../../real/docker-api/server.ts";
import { systemRoutes } from "../../../real/docker-api/system-routes.ts";
import { newCredentials, newRoot } from "../../support/tls-nodes.ts";

// Goal: whatever a client sends, it gets an answer in Docker's shape, and nobody else waits for it.
// Method: the server on a socket with a few routes of its own, asked well and badly.

const folder = mkdtempSync(join(tmpdir(), "docker-api-"));
const socket = join(folder, "docker.sock");
const log = pino({ enabled: false });
const nothing = { request: () => false, upgrade: () => undefined };
/** Chunks that the endless stream has given so far, and whether it was ended. */
const endless = { chunks: 0, isEnded: false };

const routes: Route[] = [
  ...systemRoutes(() => "active/manager"),
  {
    method: "GET",
    path: "/services/:id",
    handle: async ({ params, version, query }) => ({
      status: 200,
      body: { id: params.id, version, wanted: query.get("q") },
    }),
  },
  {
    method: "POST",
    path: "/services/create",
    handle: async ({ json }) => ({ status: 201, body: { got: await json() } }),
  },
  {
    method: "GET",
    path: "/refused",
    handle: () => Promise.reject(new ApiError(409, "it is there already")),
  },
  { method: "GET", path: "/bug", handle: () => Promise.reject(new TypeError("a bug")) },
  {
    method: "GET",
    path: "/endless",
    handle: async () => ({ status: 200, stream: endlessStream() }),
  },
];

async function* endlessStream(): AsyncGenerator<Uint8Array> {
  try {
    for (const end = performance.now() + 60_000; performance.now() < end; ) {
      endless.chunks += 1;
      yield Buffer.alloc(128);
    }
  } finally {
    endless.isEnded = true;
  }
}

let server: { close(): void };
beforeAll(async () => {
  server = await serveDockerApi({ socket, tls: null }, routes, nothing, log);
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

function ask(path: string, method = "GET", body = "", type = "application/json"): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = body === "" ? {} : { "content-type": type };
    const sent = request({ socketPath: socket, path, method, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** What comes back for these bytes until the connection ends. */
function pour(bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const client = connect(socket);
    client.on("data", (chunk) => {
      text += chunk.toString();
    });
    client.on("error", () => resolve(text));
    client.on("close", () => resolve(text));
    client.write(bytes);
  });
}

test("a ping says which versions are spoken, and what the node is in its swarm", async () => {
  const { status, headers, text } = await ask("/_ping");
  expect([status, text]).toEqual([200, "OK"]);
  expect(headers).toMatchObject({
    "api-version": "1.51",
    "docker-experimental": "false",
    swarm: "active/manager",
  });
  expect(await ask("/v1.44/_ping", "HEAD")).toMatchObject({ status: 200, text: "" });
  expect(JSON.parse((await ask("/version")).text)).toMatchObject({ ApiVersion: "1.51" });
});

test("the version, parameters and the query reach the route", async () => {
  const { text } = await ask("/v1.41/services/a%20b?q=1");
  expect(JSON.parse(text)).toEqual({ id: "a b", version: "1.41", wanted: "1" });
  expect(JSON.parse((await ask("/services/x")).text).version).toBe("1.51");
});

test.each([
  [
    "/v1.24/services/x",
    400,
    /^client version 1.24 is too old. Minimum supported API version is 1.41, /,
  ],
  [
    "/v1.99/services/x",
    400,
    /^client version 1.99 is too new. Maximum supported API version is 1.51$/,
  ],
  ["/v1.41/nosuch", 404, /^page not found$/],
  ["/v1.41/services/", 404, /^page not found$/],
  ["/v1.41/services/%ff", 400, /is not encoded as a URL is$/],
  ["/refused", 409, /^it is there already$/],
  ["/bug", 500, /^a bug$/],
] as const)("GET %s is answered with %i", async (path, status, message) => {
  const answer = await ask(path);
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.text).message).toMatch(message);
});

test.each([
  ["{bad", "application/json", /^the body is no JSON: /],
  ["{}", "text/plain", /^unsupported Content-Type header \(text\/plain\)/],
  [" ", "application/json", /^got EOF while reading request body$/],
  [`"${"x".repeat(5_000_000)}"`, "application/json", /^the body is larger than 4194304 bytes$/],
])("a body %.5s of %s is refused", async (body, type, message) => {
  const answer = await ask("/services/create", "POST", body, type);
  expect(answer.status).toBe(400);
  expect(JSON.parse(answer.text).message).toMatch(message);
});

test("a body in chunks is taken, and broken chunks are refused", async () => {
  const head = "POST /services/create HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\n";
  const chunked = `${head}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n`;
  expect(await pour(`${chunked}2\r\n{}\r\n0\r\n\r\n`)).toMatch(/201 Created[\s\S]*{"got":{}}/);
  const broken = await pour(`${chunked}2\r\n{}\r\nzz\r\n`);
  expect(broken).toMatch(/^HTTP\/1.1 400 Bad Request[\s\S]*{"message":"/);
  expect(await pour("no http at all\r\n\r\n")).toMatch(/^HTTP\/1.1 400[\s\S]*{"message":"/);
});

test("a client that reads nothing holds back its own stream, and stalls nobody", async () => {
  const slow = connect(socket);
  slow.pause();
  slow.write("GET /endless HTTP/1.1\r\nHost: d\r\n\r\n");
  let given = 0;
  const isHeld = async () => {
    const before = given;
    given = endless.chunks;
    return given > 0 && given === before;
  };
  await expect.poll(isHeld, { interval: 200 }).toBe(true);
  expect((await ask("/_ping")).text).toBe("OK");
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(endless.chunks).toBe(given);
  slow.destroy();
  await expect.poll(() => endless.isEnded).toBe(true);
});

test("a client that reads as fast as it can leaves everybody their turn", async () => {
  Object.assign(endless, { chunks: 0, isEnded: false });
  const program = `require("net").connect(${JSON.stringify(socket)}, function () {
    this.resume().write("GET /endless HTTP/1.1\\r\\nHost: d\\r\\n\\r\\n");
  })`;
  const fast = spawn(process.execPath, ["-e", program], { stdio: "inherit" });
  await expect.poll(() => endless.chunks, { interval: 10 }).toBeGreaterThan(0);
  for (let asked = 0; asked < 5; asked += 1) expect((await ask("/_ping")).text).toBe("OK");
  expect(endless.isEnded).toBe(false);
  fast.kill();
  await expect.poll(() => endless.isEnded).toBe(true);
});

test("only the socket's owner may open it; whatever else is there is left alone", async () => {
  expect(statSync(socket).mode & 0o777).toBe(0o600);
  const serve = (path: string) => serveDockerApi({ socket: path, tls: null }, routes, nothing, log);
  await expect(serve(socket)).rejects.toThrow(/another program listens there/);
  const file = join(folder, "file");
  writeFileSync(file, "");
  await expect(serve(file)).rejects.toThrow(/there is a file of that name/);
});

test("on TCP only clients with a certificate of the named CA are let in", async () => {
  const [root, other] = [await newRoot(), await newRoot()];
  const files = { ca: root.certificate, ...(await named(root, "server")) };
  const paths = { ca: join(folder, "ca"), cert: join(folder, "cert"), key: join(folder, "key") };
  for (const name of ["ca", "cert", "key"] as const) writeFileSync(paths[name], files[name]);
  const address = `127.0.0.1:${await freePort()}`;
  const at = { socket: null, tls: { address, files: paths } };
  const secured = await serveDockerApi(at, routes, nothing, log);
  const client = { host: "127.0.0.1", port: Number(address.split(":")[1]), agent: false } as const;
  expect(await pinged({ ...client, ...(await named(root, "client")) })).toBe(200);
  await expect(pinged({ ...client, ...(await named(other, "stranger")) })).rejects.toThrow();
  await expect(pinged(client)).rejects.toThrow();
  secured.close();
});

/** What the kernel has of the connection between these ports, from the first's end. */
function kernelLine(from: number, to: number): string {
  const [near, far] = [from, to].map((port) => port.toString(16).toUpperCase().padStart(4, "0"));
  const ends = new RegExp(`:${near} [0-9A-F]{8}:${far} `);
  const lines = readFileSync("/proc/net/tcp", "utf8").split("\n");
  return lines.find((line) => ends.test(line)) ?? "";
}

test("on TCP the kernel asks a client that says nothing whether it is there still", async () => {
  const root = await newRoot();
  const files = { ca: root.certificate, ...(await named(root, "server")) };
  const paths = { ca: join(folder, "ca"), cert: join(folder, "cert"), key: join(folder, "key") };
  for (const name of ["ca", "cert", "key"] as const) writeFileSync(paths[name], files[name]);
  const port = await freePort();
  const at = { socket: null, tls: { address: `127.0.0.1:${port}`, files: paths } };
  const secured = await serveDockerApi(at, routes, nothing, log);
  const client = connectTls({
    host: "127.0.0.1",
    port,
    rejectUnauthorized: false,
    ...(await named(root, "client")),
  });
  await once(client, "secureConnect");
  const { port: own } = client.address() as AddressInfo;
  // A timer's kind and when it is due: 2 is that of keepalive.
  await expect.poll(() => kernelLine(port, own), { timeout: 10_000 }).toMatch(/ 02:[0-9A-F]{8} /);
  client.destroy();
  secured.close();
});

async function named(root: SigningRoot, name: string) {
  const { key, chain } = await newCredentials(root, name);
  return { key, cert: chain };
}

function pinged(options: RequestOptions): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = { ...options, path: "/_ping", rejectUnauthorized: false };
    const sent = requestTls(asked, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    sent.on("error", reject);
    sent.end();
  });
}

test("a client that was refused and never ends its half of the connection is let go", async () => {
  const own = join(folder, "own.sock");
  const served = await serveDockerApi({ socket: own, tls: null }, routes, nothing, log);
  // The kernel has the listening end, and one for each connection.
  const ends = () => readFileSync("/proc/net/unix", "utf8").split(` ${own}\n`).length - 1;
  const client = connect({ path: own, allowHalfOpen: true });
  client.write("no HTTP\r\n\r\n");
  client.resume();
  await once(client, "end");
  expect(ends()).toBe(2);
  await expect.poll(ends, { timeout: 20_000 }).toBe(1);
  client.destroy();
  served.close();
});
