import { expect, test } from "vitest";
import { defaultOverlaySettings, type OverlaySettings } from "../../../core/model/overlay.ts";
import { overlaySettingsProblem } from "../../../core/model/overlay-settings.ts";

// Goal: a cluster is made only with settings of which subnets can be made.

const problemOf = (traits: Partial<OverlaySettings>) =>
  overlaySettingsProblem({ ...defaultOverlaySettings, ...traits });

test("Docker's own settings, and others that make sense, are good", () => {
  expect(problemOf({})).toBeNull();
  const defaultAddressPool = ["10.20.0.0/16", "10.30.0.0/16"];
  expect(problemOf({ defaultAddressPool, subnetSize: 26, dataPathPort: 7777 })).toBeNull();
});

test.each<[Partial<OverlaySettings>, string]>([
  [{ dataPathPort: 80 }, "VXLAN UDP port number is not in valid range (1024-49151): 80"],
  [{ dataPathPort: 50_000 }, "VXLAN UDP port number is not in valid range (1024-49151): 50000"],
  [{ subnetSize: 30 }, "subnet size is out of range: 30"],
  [{ defaultAddressPool: [] }, "there must be a default address pool"],
  [{ defaultAddressPool: ["10.0.0.0"] }, "invalid base pool 10.0.0.0: invalid CIDR"],
  [{ defaultAddressPool: ["fd00::/64"] }, "invalid base pool fd00::/64"],
  [{ defaultAddressPool: ["10.0.0.0/25"] }, "Subnet size is too small for pool: 24"],
  [{ defaultAddressPool: ["10.0.0.0/8", "10.1.0.0/16"] }, 'overlaps with "10.0.0.0/8"'],
])("%j is refused", (traits, expected) => {
  expect(problemOf(traits)).toContain(expected);
});
