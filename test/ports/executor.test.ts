import { dockerExecutor } from "./docker-executor.ts";
import { executorConformance } from "./executor-suite.ts";
import { processExecutor } from "./process-executor.ts";
import { simExecutor } from "./sim-executor.ts";

for (const harness of [simExecutor, processExecutor, dockerExecutor]) executorConformance(harness);
