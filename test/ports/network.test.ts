import { networkConformance } from "./network-suite.ts";
import { simNetwork } from "./sim-network.ts";

for (const harness of [simNetwork]) networkConformance(harness);
