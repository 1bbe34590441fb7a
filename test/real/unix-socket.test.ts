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
