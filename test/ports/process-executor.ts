import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ProcessEngine } from "../../real/process/process-engine.ts";
import type { ExecutorHarness } from "./executor-rig.ts";
import { RealRig } from "./real-rig.ts";

let folder = "";
let rigs: RealRig[] = [];

/** Processes of this machine; each rig is a node of its own. */
export const processExecutor: ExecutorHarness = {
  name: "plain processes",
  checksWhileDown: false,
  bindsPorts: false,
  outsider: null,
  async setUp() {
    folder = mkdtempSync(join(tmpdir(), "simswarm-processes-"));
  },
  async open() {
    const nodeId = `node${process.pid}x${rigs.length}`;
    const rig = await RealRig.start(
      () => new ProcessEngine({ folder: join(folder, nodeId), nodeId }),
    );
    rigs.push(rig);
    return rig;
  },
  async tearDown() {
    await Promise.all(rigs.map((rig) => rig.close()));
    rigs = [];
    rmSync(folder, { recursive: true, force: true });
  },
};
