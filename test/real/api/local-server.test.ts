import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LocalClient } from "../../../real/api/local-client.ts";
import { type LocalActions, localHandlers } from "../../../real/api/local-server.ts";
import { type LocalSocket, serveSocket } from "../../../real/grpc/server.ts";

// Goal: a backup comes whole over a node's own socket, however large it is, or with the reason why
// there is none.

const folder = mkdtempSync(join(tmpdir(), "simswarm-local-server-"));
const path = join(folder, "node.sock");
const archive = randomBytes(40_000_000);
let refusal: string | null = null;
let socket: LocalSocket;

beforeAll(async () => {
  const backup: LocalActions["backup"] = async () => {
    if (refusal === null) return [archive.subarray(0, 7_000_000), archive.subarray(7_000_000)];
    throw new Error(refusal);
  };
  const local = localHandlers({ backup } as unknown as LocalActions);
  socket = await serveSocket(path, { control: {}, local });
});
afterAll(async () => {
  await socket.stop();
  rmSync(folder, { recursive: true });
});

async function received(): Promise<Buffer> {
  const client = new LocalClient(`unix://${path}`);
  const parts: Uint8Array[] = [];
  await client.backup((part) => parts.push(part)).finally(() => client.close());
  return Buffer.concat(parts);
}

test("a large backup comes whole", async () => {
  expect((await received()).equals(archive)).toBe(true);
});

test("why there is none is said", async () => {
  refusal = "this node is no manager";
  await expect(received()).rejects.toThrow("this node is no manager");
});
