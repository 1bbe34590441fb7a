import { describe, expect, test } from "vitest";
import type { Command } from "../../../core/control/command.ts";
import { Turn } from "../../../core/manager/turn.ts";
import type { StoreObject } from "../../../core/model/change.ts";
import type { IpamConfig, NetworkSpec } from "../../../core/model/network.ts";
import { defaultOverlaySettings, vniOption } from "../../../core/model/overlay.ts";
import { isRejection } from "../../../core/model/rejection.ts";
import type { Store } from "../../../core/store/store.ts";
import { ask, outcome } from "../../support/control.ts";
import { cluster, network, node, task } from "../../support/model.ts";
import { inOverlay, overlayNetwork } from "../../support/overlays.ts";
import { storeOf } from "../../support/store.ts";

// Goal: each network between the nodes has numbers and addresses that no other has; what can't be
// honoured is refused by name.

function create(name: string, traits: Partial<NetworkSpec> = {}): Command {
  return { kind: "create-network", spec: network(name, traits).spec };
}

const withSubnet = (subnet: string, rest: Partial<IpamConfig> = {}): Partial<NetworkSpec> => {
  return { subnets: [{ subnet, range: "", gateway: "", ...rest }] };
};

function ofCluster(...objects: StoreObject[]): Store {
  return storeOf(cluster(), ...objects);
}

function overlayOf(store: Store, name: string) {
  return store.named("network", name)?.overlay;
}

test("a bridge has no addresses that another network has", () => {
  const store = ofCluster();
  const bridge = (subnet: string) => ({ driver: "bridge", ...withSubnet(subnet) }) as const;
  expect(outcome(store, create("overlay", withSubnet("10.9.0.0/16")), 1)).toBe("done");
  expect(outcome(store, create("a", bridge("10.9.4.0/24")), 2)).toContain(
    "10.9.4.0/24 overlaps with 10.9.0.0/16 of another network",
  );
  expect(outcome(store, create("b", bridge("10.8.0.0/24")), 3)).toBe("done");
  expect(outcome(store, create("c", bridge("10.8.0.128/25")), 4)).toContain("Pool overlaps");
  expect(outcome(store, create("d", bridge("fd00::/64")), 5)).toBe("done");
  expect(outcome(store, create("e", { driver: "bridge" }), 6)).toBe("done");
});

describe("an overlay", () => {
  test("has the lowest VXLAN id and subnet that are free, but that of ingress", () => {
    const store = ofCluster();
    expect(outcome(store, create("a"), 1)).toBe("done");
    expect(outcome(store, create("b"), 2)).toBe("done");
    expect(overlayOf(store, "a")).toEqual({
      ...{ vni: 4097, subnet: "10.0.1.0/24", gateway: "10.0.1.1", port: 4789 },
    });
    expect(overlayOf(store, "b")).toMatchObject({ vni: 4098, subnet: "10.0.2.0/24" });
    const id = store.named("network", "a")?.id ?? "";
    expect(outcome(store, { kind: "remove-network", id }, 3)).toBe("done");
    expect(outcome(store, create("c"), 4)).toBe("done");
    expect(overlayOf(store, "c")).toMatchObject({ vni: 4097, subnet: "10.0.1.0/24" });
  });

  test("has the subnet, the gateway and the VXLAN id that the user asks for", () => {
    const store = ofCluster();
    const options = new Map([[vniOption, "5000"]]);
    const asked = { options, ...withSubnet("10.9.0.7/16", { gateway: "10.9.0.9" }) };
    expect(outcome(store, create("a", asked))).toBe("done");
    expect(overlayOf(store, "a")).toEqual({
      ...{ vni: 5000, subnet: "10.9.0.0/16", gateway: "10.9.0.9", port: 4789 },
    });
  });

  test("is made as the cluster was founded to make them", () => {
    const overlays = {
      ...{ defaultAddressPool: ["10.20.0.0/30", "10.30.0.0/16"], subnetSize: 29 },
      dataPathPort: 7777,
    };
    const store = storeOf(cluster({ overlays }));
    expect(outcome(store, create("a"))).toBe("done");
    expect(overlayOf(store, "a")).toMatchObject({ subnet: "10.30.0.0/29", port: 7777 });
  });

  test("keeps away from the addresses of the nodes as long as it can", () => {
    const near = node("n", { address: "10.0.7.9" });
    const store = ofCluster(near);
    expect(outcome(store, create("a"))).toBe("done");
    expect(overlayOf(store, "a")).toMatchObject({ subnet: "10.1.0.0/24" });
    const overlays = { ...defaultOverlaySettings, defaultAddressPool: ["10.0.0.0/16"] };
    const small = storeOf({ ...cluster(), overlays }, near);
    expect(outcome(small, create("a"))).toBe("done");
    expect(overlayOf(small, "a")).toMatchObject({ subnet: "10.0.1.0/24" });
  });

  test("has no subnet of which a bridge has a part", () => {
    const store = ofCluster(network("local", { driver: "bridge", ...withSubnet("10.0.1.64/26") }));
    expect(outcome(store, create("a"))).toBe("done");
    expect(overlayOf(store, "a")?.subnet).toBe("10.0.2.0/24");
  });

  test("has nothing that tasks still use whose network was removed", () => {
    const removed = overlayNetwork("removed");
    const stopping = inOverlay(task("t1", { desired: "REMOVE" }), removed, "10.0.1.2");
    const store = ofCluster(stopping);
    expect(outcome(store, create("a"))).toBe("done");
    expect(overlayOf(store, "a")).toMatchObject({ vni: 4098, subnet: "10.0.2.0/24" });
    const again = outcome(store, create("removed", withSubnet("10.0.1.0/24")));
    expect(again).toContain("of a network that was removed: try again when its tasks have stopped");
  });

  test("is one of an entry, as each has what was free before", () => {
    const store = ofCluster();
    const turn = new Turn();
    const offered = ["a", "b"].map((name) => {
      const decided = ask(store, create(name));
      return !isRejection(decided) && turn.offer(decided);
    });
    expect(offered).toEqual([true, false]);
  });
});

describe("a network is a bridge on each node", () => {
  test("when its driver is another one", () => {
    const store = ofCluster();
    expect(outcome(store, create("a", { driver: "bridge", enableIpv6: true }))).toBe("done");
    expect(overlayOf(store, "a")).toBeNull();
  });

  test("while a node of the cluster is too old for more", () => {
    const store = storeOf(cluster({ level: 3 }));
    expect(outcome(store, create("a"))).toBe("done");
    expect(overlayOf(store, "a")).toBeNull();
  });
});

describe("an overlay is refused", () => {
  const ipam = (...subnets: string[]) => ({
    subnets: subnets.map((subnet) => ({ subnet, range: "", gateway: "" })),
  });

  test.each<[string, Partial<NetworkSpec>, string]>([
    ["with IPv6", { enableIpv6: true }, "has addresses of IPv4 only"],
    ["with a subnet of IPv6", ipam("fd00::/64"), "IPv4 only, not fd00::/64"],
    ["with encryption", { options: new Map([["encrypted", ""]]) }, 'option "encrypted"'],
    ["with two subnets", ipam("10.5.0.0/24", "10.6.0.0/24"), "has one subnet"],
    ["without room for a task", ipam("10.5.0.0/31"), "has no address for a task"],
    ["with a range beyond", withSubnet("10.5.0.0/24", { range: "10.5.0.0/16" }), "ip-range"],
    ["with the gateway of none", withSubnet("10.5.0.0/24", { gateway: "10.5.0.0" }), "gateway"],
    ["with a VXLAN id of none", { options: new Map([[vniOption, "17"]]) }, "invalid VXLAN id 17"],
    ["with another's VXLAN id", { options: new Map([[vniOption, "4097"]]) }, "is in use"],
    ["with another's subnet", ipam("10.0.0.0/16"), "Pool overlaps with other one on this address"],
  ])("%s", (_, traits, expected) => {
    expect(outcome(ofCluster(overlayNetwork("there")), create("a", traits))).toContain(expected);
  });

  test("when there is no subnet left, in Docker's words", () => {
    const overlays = { ...defaultOverlaySettings, defaultAddressPool: ["10.0.0.0/23"] };
    const store = storeOf(cluster({ overlays }));
    expect(outcome(store, create("a"), 1)).toBe("done");
    expect(outcome(store, create("b"), 2)).toContain(
      "could not find an available, non-overlapping IPv4 address pool among the defaults",
    );
  });
});
