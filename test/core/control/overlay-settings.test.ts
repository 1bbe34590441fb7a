import { expect, test } from "vitest";
import { overlaySettingsProblem } from "../../../core/control/overlay-settings.ts";
import { defaultOverlaySettings, type OverlaySettings } from "../../../core/model/overlay.ts";

// Goal: a cluster is not founded with overlays that could never be made.

function problem(change: Partial<OverlaySettings>): string | null {
  return overlaySettingsProblem({ ...defaultOverlaySettings, ...change });
}

test("Docker's own settings are good, and so are several pools that share nothing", () => {
  expect(problem({})).toBeNull();
  expect(
    problem({ defaultAddressPool: ["10.20.0.0/16", "10.21.0.0/16"], subnetSize: 29 }),
  ).toBeNull();
});

test.each<[Partial<OverlaySettings>, string]>([
  [{ dataPathPort: 1_023 }, "Datapath port number is not in valid range (1024-49151) : 1023"],
  [{ dataPathPort: 49_152 }, "Datapath port number is not in valid range (1024-49151) : 49152"],
  [{ defaultAddressPool: ["fd00::/48"] }, "fd00::/48 is no subnet of IPv4"],
  [{ defaultAddressPool: ["10.0.0.0"] }, "10.0.0.0 is no subnet of IPv4"],
  [{ subnetSize: 7 }, "SubnetSize: subnets of /7 are not to be had of 10.0.0.0/8"],
  [{ subnetSize: 30 }, "SubnetSize: subnets of /30 are not to be had of 10.0.0.0/8"],
  [
    { defaultAddressPool: ["10.0.0.0/8", "10.20.0.0/16"] },
    "DefaultAddrPool: 10.20.0.0/16 and 10.0.0.0/8 have addresses in common",
  ],
])("%j is refused, with what is wrong", (change, reason) => {
  expect(problem(change)).toContain(reason);
});
