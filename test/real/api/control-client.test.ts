import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ChannelCredentials,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ClientReply, ClientRequest, Query } from "../../../core/control/command.ts";
import { ControlClient } from "../../../real/api/control-client.ts";
import { controlService } from "../../../real/grpc/services.ts";
import type { Decoded } from "../../../real/wire/proto.ts";
import { config } from "../../support/model.ts";

// Goal: a client hears whatever a manager answers, as long as it was told to wait.
// Method: a server that takes longer for its answer than a client's first tries, and says a lot.

type Call = ServerUnaryCall<Decoded<ClientRequest>, ClientReply>;

const folder = mkdtempSync(join(tmpdir(), "control-client-"));
const address = `unix://${join(folder, "slow.sock")}`;
const answersAfterMs = 2_500;
/** Some 75 MB of them. */
const configs = Array.from({ length: 750 }, (_, index) => config(`c${index}`, "x".repeat(100_000)));
const server = new Server();

beforeAll(async () => {
  const send = ({ request }: Call, answer: sendUnaryData<ClientReply>) => {
    const asked = request.kind === "decoded" && request.value.kind === "query" && request.value;
    const isOfConfigs = asked !== false && asked.query.kind === "list-configs";
    const objects = isOfConfigs ? configs : [];
    const afterMs = isOfConfigs ? 0 : answersAfterMs;
    setTimeout(() => answer(null, { kind: "result", objects }), afterMs);
  };
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

function listed(kind: "list-nodes" | "list-configs", patienceMs: number) {
  const client = new ControlClient(address, ChannelCredentials.createInsecure(), patienceMs);
  return client.query({ kind } as Query).finally(() => client.close());
}

test("a manager that takes its time is heard", async () => {
  expect(await listed("list-nodes", 20_000)).toEqual([]);
});

test("one that takes longer than the client has patience does not answer", async () => {
  await expect(listed("list-nodes", 1_500)).rejects.toThrow("the manager does not answer");
});

test("a list may be larger than what nodes say to one another", async () => {
  expect(await listed("list-configs", 60_000)).toHaveLength(configs.length);
});
