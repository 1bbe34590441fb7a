import type { NetworkSpec } from "../../core/model/network.ts";
import type { NetworkPlan } from "../scenario/service-words.ts";

/** The spec that a plan asks for. */
export function networkSpec(name: string, plan: NetworkPlan): NetworkSpec {
  const { driver = "bridge", subnet, range = "", gateway = "", labels = {} } = plan;
  return {
    ...{ name, labels: new Map(Object.entries(labels)), driver, options: new Map() },
    ...{ internal: false, attachable: false, enableIpv6: false },
    subnets: subnet === undefined ? [] : [{ subnet, range, gateway }],
  };
}
