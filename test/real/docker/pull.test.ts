import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { registryAuthFor } from "../../../real/ctl/registry-auth.ts";
import { connect } from "../../../real/docker/client.ts";
import { DockerEngine } from "../../../real/docker/docker-engine.ts";
import { RealRig, withContainer } from "../../ports/real-rig.ts";
import { dockerEngine } from "../../support/docker.ts";
import { newOverlays } from "../../support/node-overlays.ts";
import { type PrivateRegistry, privateRegistry } from "../../support/private-registry.ts";

// Goal: an image of a registry that is not open to all comes with the credentials of its service,
// and not without; a pull that takes its time says how far it is.
// Method: a registry with one image, in this process, and a real engine that pulls from it.

const home = mkdtempSync(join(tmpdir(), "pull-"));
const user = `user${process.pid}`;
const told: string[] = [];
let address = "";
let registry: PrivateRegistry;
let rig: RealRig;

beforeAll(async () => {
  registry = await privateRegistry(user, "hunter2", 1_500);
  address = await dockerEngine();
  const onProgress = (image: string, progress: string) => told.push(`${image} ${progress}`);
  const owner = { clusterId: "c1", nodeId: `pull${process.pid}` };
  rig = await RealRig.start(
    () => new DockerEngine({ address, overlays: newOverlays(), ...owner, onProgress }),
  );
});
afterAll(async () => {
  rmSync(home, { recursive: true });
  registry.close();
  await rig.close();
  await connect(address).getImage(registry.image).remove({ force: true });
});

/** What comes of a task with this image, and who may pull it. */
async function prepared(id: string, registryAuth: string) {
  const task = withContainer(rig.task(id, "runs"), { image: registry.image, registryAuth });
  const answer = await rig.prepare(task);
  rig.remove(task);
  return answer;
}

/** What `swarmctl` sends after `docker login` with this password. */
function authOf(password: string): string {
  const auth = Buffer.from(`${user}:${password}`).toString("base64");
  const [host = ""] = registry.image.split("/");
  writeFileSync(join(home, "config.json"), JSON.stringify({ auths: { [host]: { auth } } }));
  return registryAuthFor(registry.image, { DOCKER_CONFIG: home }).header ?? "";
}

test("without credentials, and with wrong ones, the registry's refusal is told", async () => {
  const refused = {
    kind: "failed",
    error: expect.stringMatching(/no basic auth credentials|unauthorized/),
  };
  expect(await prepared("nobody", "")).toMatchObject(refused);
  expect(await prepared("wrong", authOf("hunter1"))).toMatchObject(refused);
});

test("with credentials the image comes, and it is told how far it is", async () => {
  expect(await prepared("known", authOf("hunter2"))).toMatchObject({ kind: "prepared" });
  expect(told).toContain(`${registry.image} 0 of 1 layers, 0 of 0 MB`);
});
