import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { makeRoom } from "../../real/unix-socket.ts";

const folder = mkdtempSync(join(tmpdir(), "unix-socket-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("makeRoom() leaves files and sockets in use, and says which path can't be one", async () => {
  const file = join(folder, "file");
  writeFileSync(file, "");
  await expect(makeRoom(file)).rejects.toThrow("there is a file of that name");
  expect(existsSync(file)).toBe(true);
  const taken = join(folder, "taken");
  const server = createServer().listen(taken);
  await expect(makeRoom(taken)).rejects.toThrow("another program listens there");
  server.close();
  const long = join(folder, "x".repeat(120));
  await expect(makeRoom(long)).rejects.toThrow("a socket's path has 107 bytes at most, and this");
  await makeRoom(join(folder, "new", "free"));
  expect(existsSync(join(folder, "new"))).toBe(true);
  await expect(makeRoom("/proc/sys/socket")).rejects.toThrow("can't listen on /proc/sys/socket");
});

/** Listens, and takes nobody. */
const hanging = `require("net").createServer().listen({ path: process.argv[1], backlog: 1 }, () => {
  process.stdout.write("up");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
})`;

test("makeRoom() leaves the socket of a program that hangs, however many wait there", async () => {
  const path = join(folder, "hanging");
  const child = spawn(process.execPath, ["-e", hanging, path]);
  await once(child.stdout, "data");
  for (let tried = 0; tried < 6; tried += 1) {
    await expect(makeRoom(path)).rejects.toThrow("another program listens there");
  }
  child.kill("SIGKILL");
  await once(child, "exit");
  await makeRoom(path);
  expect(existsSync(path)).toBe(false);
});
