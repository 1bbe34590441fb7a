import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LocalClient } from "../../../real/api/local-client.ts";
import { adviceOn } from "../../../real/ctl/advice.ts";
import { endpointOf } from "../../../real/ctl/endpoint.ts";
import { failureText } from "../../../real/grpc/failure.ts";

test("who names a socket needs no contexts that can be read", () => {
  const home = mkdtempSync(join(tmpdir(), "endpoint-"));
  const env = { XDG_CONFIG_HOME: home };
  try {
    mkdirSync(join(home, "simswarm", "contexts.yaml"), { recursive: true });
    expect(endpointOf({}, { ...env, SWARM_SOCKET: "/a.sock" })).toEqual({ address: "/a.sock" });
    expect(endpointOf({ socket: "/b.sock" }, env)).toEqual({ address: "/b.sock" });
    expect(() => endpointOf({}, env)).toThrow("contexts.yaml: it is a folder");
  } finally {
    rmSync(home, { recursive: true });
  }
});

test("a socket that speaks no gRPC, as Docker's own, is said to be another one", async () => {
  const folder = mkdtempSync(join(tmpdir(), "endpoint-"));
  const address = join(folder, "other.sock");
  const other = createServer((_, response) => response.end()).listen(address);
  await once(other, "listening");
  const client = new LocalClient(`unix://${address}`);
  try {
    const error = await client.info().catch((reason) => reason);
    expect(`${failureText(error)}${adviceOn(error)}`).toMatch(
      /^what answers there speaks no gRPC, so it is not swarmd\nIs it Docker's own socket\?/,
    );
  } finally {
    client.close();
    other.close();
    rmSync(folder, { recursive: true });
  }
});
