#!/usr/bin/env node
import { spawnSync } from "node:child_process";
import { Agent, type IncomingMessage, request } from "node:http";

// How fast swarms list services: `npm run bench:docker -- unix:///path/docker.sock ...`, for each
// address that is named. It creates 1,000 services without tasks, and removes them in the end.

const serviceCount = 1_000;
const listings = 11;
const clients = 8;
const spanMs = 2_000;

const agent = new Agent({ keepAlive: true, maxSockets: clients });

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
  await Promise.all(Array.from({ length: clients }, client));
  return (count * 1_000) / spanMs;
}

/** The id of a new service. */
async function created(socket: string, number: number): Promise<string> {
  const answer = await ask(socket, "POST", "/services/create", {
    Name: `bench-${number}`,
    TaskTemplate: { ContainerSpec: { Image: "bench:1", Labels: { number: String(number) } } },
    Mode: { Replicated: { Replicas: 0 } },
  });
  return (JSON.parse(answer) as { ID: string }).ID;
}

async function measure(address: string): Promise<void> {
  const socket = address.replace(/^unix:\/\//, "");
  const ids: string[] = [];
  const creations: number[] = [];
  for (let number = 1; number <= serviceCount; number += 1) {
    creations.push(await timed(async () => ids.push(await created(socket, number))));
  }
  const lists: number[] = [];
  for (let number = 0; number < listings; number += 1) {
    lists.push(await timed(() => listOnce(address)));
  }
  const perSecond = async (path: string) => (await rate(socket, path)).toFixed(0);
  console.log(address);
  console.log(`  docker service ls of ${serviceCount}   ${median(lists).toFixed(0)} ms (median)`);
  console.log(`  GET /services?status=true   ${await perSecond("/services?status=true")} a second`);
  console.log(`  GET /services/:id           ${await perSecond(`/services/${ids[0]}`)} a second`);
  console.log(`  GET /_ping                  ${await perSecond("/_ping")} a second`);
  const createMs = creations.reduce((sum, each) => sum + each, 0);
  const creationsPerSecond = ((ids.length * 1e3) / createMs).toFixed(0);
  const half = `half of them within ${median(creations).toFixed(2)} ms`;
  console.log(`  POST /services/create       ${creationsPerSecond} a second, ${half}`);
  for (const id of ids) await ask(socket, "DELETE", `/services/${id}`);
}

for (const address of process.argv.slice(2)) await measure(address);
agent.destroy();
