import type { Logger } from "pino";
import { chooseEngine } from "../choose-engine.ts";
import type { Engine } from "../engine.ts";
import type { Overlays } from "../overlay/overlays.ts";
import { ProcessEngine } from "../process/process-engine.ts";
import type { DaemonOptions } from "./options.ts";
import type { StateDir, WhoRuns } from "./state-dir.ts";

/** Marks containers as those of swarmd, whatever the cluster. */
const clusterId = "simswarm";
const processes = "process";

/**
 * What runs, or has run, the tasks of this node. Where its user leaves the choice it is made once:
 * an engine that is slow or not up yet is not to be taken for none, while containers run on it.
 */
export function openEngine(
  { executor, engineAddr }: Pick<DaemonOptions, "executor" | "engineAddr">,
  { tasks: folder }: StateDir,
  { nodeId, engine: chosen }: WhoRuns,
  overlays: Overlays,
  log: Logger,
): Engine {
  const address = engineAddr ?? chosen;
  if (executor === "process" || address === processes) return new ProcessEngine({ folder, nodeId });
  const onProgress = (image: string, progress: string) => log.info({ image, progress }, "pulling");
  const onOutage = (reason: string | null) => {
    if (reason === null) log.info("the container engine answers again");
    else log.error({ reason }, "the container engine does not answer");
  };
  return chooseEngine({ folder, nodeId, address, clusterId, overlays, onProgress, onOutage });
}

/** The engine as `WhoRuns` has it. */
export function chosenAs({ address }: Engine): string {
  return address ?? processes;
}
