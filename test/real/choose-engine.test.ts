import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { chooseEngine } from "../../real/choose-engine.ts";
import { answers, defaultAddress } from "../../real/docker/client.ts";
import { DockerEngine } from "../../real/docker/docker-engine.ts";
import { ProcessEngine } from "../../real/process/process-engine.ts";
import { newOverlays } from "../support/node-overlays.ts";

const owner = { clusterId: "c1", nodeId: "choice" };

test("chooseEngine() takes the engine that it is told, or one that answers", async () => {
  const folder = mkdtempSync(join(tmpdir(), "simswarm-choice-"));
  const named = await chooseEngine({
    ...owner,
    overlays: newOverlays(),
    folder,
    address: "unix:///no/docker.sock",
  });
  expect(named).toBeInstanceOf(DockerEngine);
  const any = await chooseEngine({ ...owner, overlays: newOverlays(), folder, address: null });
  const expected = (await answers(defaultAddress)) ? DockerEngine : ProcessEngine;
  expect(any).toBeInstanceOf(expected);
  await Promise.all([named.close(), any.close()]);
  rmSync(folder, { recursive: true });
});
