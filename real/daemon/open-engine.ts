import type { Logger } from "pino";
import { chooseEngine } from "../choose-engine.ts";
import type { Engine } from "../engine.ts";
import type { Overlays } from "../overlay/overlays.ts";
import { ProcessEngine } from "../process/process-engine.ts";
import type { DaemonOptions } from "./options.ts";
import type { StateDir } from "./state-dir.ts";

/** Marks containers as those of swarmd, whatever the cluster. */
const clusterId = "simswarm";

/** What runs, or has run, the tasks of this node. */
export async function openEngine(
  { executor, engineAddr }: Pick<DaemonOptions, "executor" | "engineAddr">,
  { tasks: folder }: StateDir,
  nodeId: string,
  overlays: Overlays,
  log: Logger,
): Promise<Engine> {
  if (executor === "process") return new ProcessEngine({ folder, nodeId });
  const onProgress = (image: string, progress: string) => log.info({ image, progress }, "pulling");
  const address = engineAddr ?? null;
  return chooseEngine({ folder, nodeId, address, clusterId, overlays, onProgress });
}
