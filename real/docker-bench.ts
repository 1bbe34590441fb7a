#!/usr/bin/env node
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, createServer, type IncomingMessage, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

// How fast swarms create, list and show services: `npm run bench:docker -- unix:///path/docker.sock
// ...`, for each address that is named. It creates 2,000 services without tasks and one of 1,000
// tasks that no node may run, and removes them in the end.

const serviceCount = 1_000;
const taskCount = 1_000;
const listings = 11;
const connections = 16;
const spanMs = 2_000;

const agent = new Agent({ keepAlive: true, maxSockets: connections });

function ask(socketPath: string, method: string, path: string, body?: object): Promise<string> {
  const text = body === undefined ? "" : JSON.stringify(body);
  const headers = body === undefined ? {} : { "content-type": "application/json" };
  return new Promise((resolve, reject) => {
    const answered = async (answer: IncomingMessage) => {
      const chunks: Buffer[] = [];
      for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
      const answerText = Buffer.concat(chunks).toString("utf8");
      if ((answer.statusCode ?? 500) < 400) resolve(answerText);
      else reject(new Error(`${method} ${path}: ${answerText.trim()}`));
    };
    const options = { socketPath, method, path: `/v1.41${path}`, headers, agent };
    const sent = request(options, (answer) => void answered(answer).catch(reject));
    sent.on("error", reject);
    sent.end(text);
  });
}

function median(values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[values.length >> 1] ?? Number.NaN;
}

async function timed(act: () => unknown): Promise<number> {
  const start = performance.now();
  await act();
  return performance.now() - start;
}

/** As `docker service ls`, the whole program. */
function listOnce(address: string): void {
  const { status, stderr } = spawnSync("docker", ["--host", address, "service", "ls"]);
  if (status !== 0) throw new Error(`docker service ls: ${stderr}`);
}

async function rate(socket: string, path: string): Promise<number> {
  const until = performance.now() + spanMs;
  let count = 0;
  const client = async () => {
    for (; performance.now() < until; count += 1) await ask(socket, "GET", path);
  };
  await Promise.all(Array.from({ length: connections }, client));
  return (count * 1_000) / spanMs;
}

/** The id of a new service; its tasks wait for a node that is not there. */
async function created(socket: string, name: string, replicas = 0): Promise<string> {
  const answer = await ask(socket, "POST", "/services/create", {
    Name: name,
    TaskTemplate: {
      ContainerSpec: { Image: "bench:1", Labels: { name } },
      Placement: { Constraints: ["node.labels.bench==nowhere"] },
    },
    Mode: { Replicated: { Replicas: replicas } },
  });
  return (JSON.parse(answer) as { ID: string }).ID;
}

/** Creates this many, `clients` at a time; how long each took, in milliseconds, and their ids. */
async function creations(socket: string, prefix: string, clients: number) {
  const times: number[] = [];
  const ids: string[] = [];
  let next = 0;
  const client = async () => {
    while (next < serviceCount) {
      next += 1;
      const name = `${prefix}-${next}`;
      times.push(await timed(async () => ids.push(await created(socket, name))));
    }
  };
  const wholeMs = await timed(() => Promise.all(Array.from({ length: clients }, client)));
  const perSecond = ((serviceCount * 1e3) / wholeMs).toFixed(0);
  return { ids, text: `${perSecond} a second, half of them within ${median(times).toFixed(2)} ms` };
}

/** All of them, as soon as they are there. */
async function waitForTasks(socket: string): Promise<void> {
  for (let found = 0; found < taskCount; ) {
    found = (JSON.parse(await ask(socket, "GET", "/tasks")) as readonly unknown[]).length;
  }
}

async function measure(address: string): Promise<void> {
  const socket = socketOf(address);
  const one = await creations(socket, "one", 1);
  const lists: number[] = [];
  for (let number = 0; number < listings; number += 1) {
    lists.push(await timed(() => listOnce(address)));
  }
  const told = async (path: string) => `${(await rate(socket, path)).toFixed(0)} a second`;
  console.log(address);
  tell("POST /services/create", one.text);
  tell(`docker service ls of ${serviceCount}`, `${median(lists).toFixed(0)} ms (median)`);
  tell("GET /services?status=true", await told("/services?status=true"));
  tell("GET /services/:id", await told(`/services/${one.ids[0]}`));
  tell("GET /_ping", await told("/_ping"));
  const many = await creations(socket, "many", connections);
  tell(`the same, ${connections} at a time`, many.text);
  const ids = [...one.ids, ...many.ids, await created(socket, "waiting", taskCount)];
  await waitForTasks(socket);
  tell(`GET /tasks of ${taskCount}`, await told("/tasks"));
  for (const id of ids) await ask(socket, "DELETE", `/services/${id}`);
}

function socketOf(address: string): string {
  return address.replace(/^unix:\/\//, "");
}

function tell(what: string, figure: string): void {
  console.log(`  ${what.padEnd(30)}${figure}`);
}

/** This program's own code is compiled before anybody is measured. */
async function warmUp(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "docker-bench-"));
  const socket = join(folder, "socket");
  const server = createServer((asked, answer) => {
    asked.resume().once("end", () => answer.writeHead(201).end('{"ID":"none"}'));
  });
  try {
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    for (const clients of [1, connections]) await creations(socket, "none", clients);
  } finally {
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true });
  }
}

if (process.argv.length < 3) {
  console.error("usage: npm run bench:docker -- unix:///path/docker.sock ...");
  process.exit(2);
}
await warmUp();
for (const address of process.argv.slice(2)) {
  await measure(address).catch((error: Error) => {
    console.error(`${address}: ${error.message}`);
    process.exitCode = 1;
  });
}
agent.destroy();
