import fc from "fast-check";
import { expect, test } from "vitest";
import type { Network } from "../../../core/model/network.ts";
import { vniOption } from "../../../core/model/overlay.ts";
import {
  dockerAttachment,
  networkSpecOf,
  shownNetwork,
} from "../../../real/docker-api/map/network.ts";
import { network } from "../../support/model.ts";
import { overlayNetwork } from "../../support/overlays.ts";

// Goal: nothing that Docker's clients say of a network is lost on the way to our spec and back, and
// what the cluster has chosen is shown where Docker shows it.
// Method: any network that may be asked for.

const words = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
const texts = fc.dictionary(words, fc.string({ maxLength: 8 }), {
  maxKeys: 3,
  noNullPrototype: true,
});
const octet = fc.nat(255);
const ipam = fc.tuple(octet, octet).map(([a, b]) => {
  const stem = `10.${a}.${b}`;
  return { Subnet: `${stem}.0/24`, IPRange: `${stem}.128/25`, Gateway: `${stem}.1` };
});

const overlay = { vni: 5000, subnet: "10.7.0.0/16", gateway: "10.7.0.9" };

const asked = fc.record({
  Name: words,
  Driver: fc.constantFrom("overlay", "bridge"),
  Internal: fc.boolean(),
  Attachable: fc.boolean(),
  EnableIPv6: fc.boolean(),
  IPAM: fc.record({ Driver: fc.constant("default"), Config: fc.array(ipam, { maxLength: 2 }) }),
  Options: texts,
  Labels: texts,
});

test("a network comes back as it was asked for", () => {
  fc.assert(
    fc.property(asked, (docker) => {
      const spec = networkSpecOf(docker);
      expect(shownNetwork({ ...network("n"), spec } as Network)).toMatchObject(docker);
    }),
  );
});

test("an overlay is shown with its subnet, gateway and VXLAN id, whoever chose them", () => {
  fc.assert(
    fc.property(asked, (docker) => {
      const chosen = overlayNetwork("n", overlay);
      const given = { ...chosen, spec: networkSpecOf(docker) };
      const [range] = docker.IPAM.Config;
      const Config = [
        {
          Subnet: "10.7.0.0/16",
          ...(range === undefined ? {} : { IPRange: range.IPRange }),
          Gateway: "10.7.0.9",
        },
      ];
      const shown = shownNetwork(given);
      expect(shown.IPAM).toMatchObject({ Config });
      expect(shown.Options).toEqual({ ...docker.Options, [vniOption]: "5000" });
      expect(dockerAttachment({ ...given, address: "10.7.3.4" })).toMatchObject({
        Network: { ID: "n", Spec: { Name: docker.Name }, IPAMOptions: { Configs: Config } },
        Addresses: ["10.7.3.4/16"],
      });
    }),
  );
});
