import type { Server, ServerResponse } from "node:http";
import { Session } from "node:inspector/promises";
import { setTimeout as pause } from "node:timers/promises";
import { getHeapSnapshot } from "node:v8";
import { listenPrivately } from "../listening.ts";
import { makeRoom } from "../unix-socket.ts";
import { httpServer } from "./http.ts";

const secondsUsual = 10;
const secondsMost = 300;

/**
 * The process from inside, for those who look for what takes memory or time: what comes opens in
 * Chrome's developer tools. A snapshot of the heap shows keys too, so it is on a socket, `path`,
 * that only this user can open. Rejects where it can't be had.
 */
export async function serveDebug(path: string): Promise<Server> {
  await makeRoom(path);
  const server = httpServer((request, response) => {
    const [page, query] = (request.url ?? "").split("?");
    if (page === "/debug/pprof/heap") return heap(response);
    const seconds = Number(new URLSearchParams(query).get("seconds") ?? secondsUsual);
    if (page !== "/debug/pprof/profile") {
      response.writeHead(404).end("there are /debug/pprof/heap and /debug/pprof/profile\n");
    } else if (!(seconds > 0 && seconds <= secondsMost)) {
      response.writeHead(400).end(`seconds must be between 0 and ${secondsMost}\n`);
    } else profile(response, seconds * 1000);
  });
  await listenPrivately(server, path);
  return server;
}

function heap(response: ServerResponse): void {
  response.writeHead(200, { "content-disposition": 'attachment; filename="swarmd.heapsnapshot"' });
  getHeapSnapshot().pipe(response);
}

function profile(response: ServerResponse, spanMs: number): void {
  profiled(spanMs).then(
    (text) => {
      const name = 'attachment; filename="swarmd.cpuprofile"';
      response.writeHead(200, { "content-disposition": name }).end(text);
    },
    (error: Error) => response.writeHead(500).end(`${error.message}\n`),
  );
}

async function profiled(spanMs: number): Promise<string> {
  const session = new Session();
  session.connect();
  try {
    await session.post("Profiler.enable");
    await session.post("Profiler.start");
    await pause(spanMs);
    return JSON.stringify((await session.post("Profiler.stop")).profile);
  } finally {
    session.disconnect();
  }
}
