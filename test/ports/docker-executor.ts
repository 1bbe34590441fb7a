import { DockerEngine } from "../../real/docker/docker-engine.ts";
import { dockerEngine, testImage } from "../support/docker.ts";
import { newOverlays } from "../support/node-overlays.ts";
import type { ExecutorHarness } from "./executor-suite.ts";
import { RealRig } from "./real-rig.ts";

let address = "";
let rigs: RealRig[] = [];

/** A real Docker engine; each rig is a node of its own on it. */
export const dockerExecutor: ExecutorHarness = {
  name: "Docker",
  checksWhileDown: true,
  async setUp() {
    address = await dockerEngine();
  },
  async open() {
    const nodeId = `node${process.pid}x${rigs.length}`;
    const open = () =>
      new DockerEngine({ address, overlays: newOverlays(), clusterId: "conformance", nodeId });
    const rig = await RealRig.start(open, { image: testImage });
    rigs.push(rig);
    return rig;
  },
  async tearDown() {
    await Promise.all(rigs.map((rig) => rig.close()));
    rigs = [];
  },
};
