import { networkConformance } from "./network-suite.ts";
import { simNetwork } from "./sim-network.ts";
import { tlsNetwork } from "./tls-network.ts";

for (const harness of [simNetwork, tlsNetwork]) networkConformance(harness);
