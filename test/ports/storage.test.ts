import { realStorage } from "./real-storage.ts";
import { simStorage } from "./sim-storage.ts";
import { storageConformance } from "./storage-suite.ts";

for (const harness of [simStorage, realStorage]) storageConformance(harness);
