import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ChannelCredentials,
  Server,
  ServerCredentials,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ClientReply } from "../../../core/control/command.ts";
import { ControlClient } from "../../../real/api/control-client.ts";
import { controlService } from "../../../real/grpc/services.ts";

// Goal: a client waits for a manager that is busy as long as it was told to.
// Method: a server that takes longer for each answer than a client's first tries.

const folder = mkdtempSync(join(tmpdir(), "control-client-"));
const address = `unix://${join(folder, "slow.sock")}`;
const answersAfterMs = 2_500;
const server = new Server();

beforeAll(async () => {
  const send = (_: unknown, answer: sendUnaryData<ClientReply>) =>
    void setTimeout(() => answer(null, { kind: "result", objects: [] }), answersAfterMs);
  server.addService(controlService, { send } as unknown as UntypedServiceImplementation);
  await new Promise<void>((resolve, reject) => {
    const bound = (error: Error | null) => (error === null ? resolve() : reject(error));
    server.bindAsync(address, ServerCredentials.createInsecure(), bound);
  });
});
afterAll(() => {
  server.forceShutdown();
  rmSync(folder, { recursive: true });
});

function listed(patienceMs: number): Promise<unknown> {
  const client = new ControlClient(address, ChannelCredentials.createInsecure(), patienceMs);
  return client.query({ kind: "list-nodes" }).finally(() => client.close());
}

test("a manager that takes its time is heard", async () => {
  expect(await listed(20_000)).toEqual([]);
});

test("one that takes longer than the client has patience does not answer", async () => {
  await expect(listed(1_500)).rejects.toThrow("the manager does not answer");
});
