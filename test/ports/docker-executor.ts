import { DockerEngine } from "../../real/docker/docker-engine.ts";
import { containerOf, dockerEngine, testImage } from "../support/docker.ts";
import { newOverlays } from "../support/node-overlays.ts";
import type { ExecutorHarness } from "./executor-rig.ts";
import { RealRig } from "./real-rig.ts";

/** The cluster whose nodes the rigs of the tests are. */
const clusterId = "c1";

/** A node of its own on the engine that answers there, which has the tests' image. */
export function dockerRig(
  address: string,
  nodeId: string,
  onOutage: (reason: string | null) => void = () => undefined,
): Promise<RealRig> {
  const own = { clusterId, nodeId, onOutage };
  const open = () => new DockerEngine({ address, overlays: newOverlays(), ...own });
  return RealRig.start(open, { image: testImage });
}

let address = "";
let rigs: RealRig[] = [];

/** A real Docker engine; each rig is a node of its own on it. */
export const dockerExecutor: ExecutorHarness = {
  name: "Docker",
  checksWhileDown: true,
  bindsPorts: true,
  outsider: {
    async meddle(task, deed) {
      const container = containerOf(address, task);
      if (deed === "remove") await container.remove({ force: true });
      else if (deed === "stop") await container.stop();
      else await container.start();
    },
    isUp: async (task) => (await containerOf(address, task).inspect()).State.Running,
  },
  async setUp() {
    address = await dockerEngine();
  },
  async open() {
    const rig = await dockerRig(address, `node${process.pid}x${rigs.length}`);
    rigs.push(rig);
    return rig;
  },
  async tearDown() {
    await Promise.all(rigs.map((rig) => rig.close()));
    rigs = [];
  },
};
