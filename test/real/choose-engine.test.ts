import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { chooseEngine, engineAddress } from "../../real/choose-engine.ts";
import { DockerEngine } from "../../real/docker/docker-engine.ts";
import { newOverlays } from "../support/node-overlays.ts";

const owner = { clusterId: "c1", nodeId: "choice" };

test("chooseEngine() takes the engine that it is told", async () => {
  const folder = mkdtempSync(join(tmpdir(), "simswarm-choice-"));
  const address = "unix:///no/docker.sock";
  const named = chooseEngine({ ...owner, overlays: newOverlays(), folder, address });
  expect(named).toBeInstanceOf(DockerEngine);
  await named.close();
  rmSync(folder, { recursive: true });
});

test("an engine that is there, but does not answer, is not taken for none", () => {
  const folder = mkdtempSync(join(tmpdir(), "simswarm-choice-"));
  const socket = join(folder, "docker.sock");
  expect(engineAddress(null, socket)).toBeNull();
  writeFileSync(socket, "");
  expect(engineAddress(null, socket)).toBe(`unix://${socket}`);
  rmSync(folder, { recursive: true });
});
