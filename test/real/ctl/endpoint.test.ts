import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { endpointOf } from "../../../real/ctl/endpoint.ts";

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
