import { beforeEach, describe, expect, test } from "vitest";
import { DockerRequests, filters } from "../../support/docker-requests.ts";

// Goal: networks are asked for, shown and removed as Docker's are; what can't be had is refused.
// Method: requests to the routes, with core's own control behind them.

let docker: DockerRequests;
beforeEach(async () => {
  docker = await DockerRequests.with();
});

const refusal = (status: number, message: string) => ({ status, body: { message } });
describe("/networks", () => {
  test("are created, attached to, kept while in use, and removed", async () => {
    const network = { Name: "st_default", Driver: "overlay", Labels: { st: "x" }, Scope: "swarm" };
    const { status, body } = await docker.ask("POST", "/networks/create", network);
    expect({ status, body }).toMatchObject({ status: 201, body: { Warning: "" } });
    await docker.ask("POST", "/services/create", {
      Name: "web",
      TaskTemplate: {
        ContainerSpec: { Image: "busybox" },
        Networks: [{ Target: "st_default", Aliases: ["www"] }],
      },
    });
    const { Spec } = (await docker.ask("GET", "/services/web")).body;
    expect(Spec.TaskTemplate.Networks).toEqual([{ Target: body.Id, Aliases: ["www"] }]);
    expect(await docker.ask("DELETE", "/networks/st_default")).toEqual(
      refusal(
        400,
        "rpc error: code = FailedPrecondition desc = network 'st_default' is in use by the " +
          "following service: web",
      ),
    );
    await docker.ask("DELETE", "/services/web");
    expect(await docker.ask("DELETE", "/networks/st_default")).toEqual({ status: 204, body: null });
  });

  test("are pruned where no service uses them and the filters hold", async () => {
    for (const [Name, tier] of Object.entries({ used: "a", front: "a", back: "b" })) {
      await docker.ask("POST", "/networks/create", { Name, Labels: { tier } });
    }
    const TaskTemplate = { ContainerSpec: { Image: "busybox" }, Networks: [{ Target: "used" }] };
    await docker.ask("POST", "/services/create", { Name: "web", TaskTemplate });
    const pruned = async (wanted: object) =>
      (await docker.ask("POST", `/networks/prune?${filters(wanted)}`)).body;
    for (const until of ["1", "1970-01-01", "1000000h"]) {
      expect(await pruned({ until: [until] })).toEqual({ NetworksDeleted: [] });
    }
    expect(await pruned({ "label!": ["tier=b"] })).toEqual({ NetworksDeleted: ["front"] });
    expect(await pruned({ until: ["24h"] })).toEqual({ NetworksDeleted: ["back"] });
    expect(await pruned({ nope: ["x"] })).toEqual({ message: "invalid filter 'nope'" });
    await docker.ask("DELETE", "/services/web");
    expect(await pruned({})).toEqual({ NetworksDeleted: ["used"] });
  });

  test("have the addresses that were asked for", async () => {
    const Config = [{ Subnet: "10.9.0.0/24", IPRange: "10.9.0.0/25", Gateway: "10.9.0.1" }];
    const own = { Name: "own", Driver: "bridge", EnableIPv6: true };
    const asked = { ...own, IPAM: { Driver: "default", Config } };
    await docker.ask("POST", "/networks/create", asked);
    const { body } = await docker.ask("GET", "/networks/own");
    expect(body).toMatchObject({ EnableIPv6: true, IPAM: { Driver: "default", Config } });
    await docker.ask("DELETE", "/networks/own");
  });

  test("between the nodes have what the cluster has chosen, as have their tasks", async () => {
    await docker.ask("POST", "/networks/create", { Name: "back", Driver: "overlay" });
    const { body } = await docker.ask("GET", "/networks/back");
    const Config = [{ Subnet: "10.1.0.0/24", Gateway: "10.1.0.1" }];
    const Options = { "com.docker.network.driver.overlay.vxlanid_list": "4097" };
    expect(body).toMatchObject({ Driver: "overlay", Scope: "swarm", IPAM: { Config }, Options });
    await docker.ask("POST", "/services/create", {
      Name: "attached",
      TaskTemplate: { ContainerSpec: { Image: "busybox" }, Networks: [{ Target: "back" }] },
    });
    const service = await docker.ask("GET", "/services/attached");
    expect(service.body.Endpoint).toEqual({ Spec: { Mode: "dnsrr" } });
    const refused = await docker.ask("POST", "/networks/create", {
      ...{ Name: "other", Driver: "overlay" },
      IPAM: { Config: [{ Subnet: "10.1.0.0/16" }] },
    });
    const again = { Name: "back", Driver: "overlay" };
    expect(await docker.ask("POST", "/networks/create", again)).toEqual({
      status: 409,
      body: { message: "network with name back already exists" },
    });
    expect(refused.body.message).toContain("Pool overlaps with other one on this address space");
  });

  test("that are predefined are there, and stay", async () => {
    const names = async (wanted: object) => {
      const { body } = await docker.ask("GET", `/networks?${filters(wanted)}`);
      return body.map(({ Name }: { Name: string }) => Name);
    };
    expect(await names({})).toEqual(["bridge", "host", "ingress", "none"]);
    expect(await names({ scope: ["local"] })).toEqual(["bridge", "host", "none"]);
    expect(await names({ scope: ["swarm"] })).toEqual(["ingress"]);
    expect(await names({ type: ["custom"] })).toEqual([]);
    const shown = (path: string) => docker.ask("GET", `/networks/${path}`);
    expect(await shown("host")).toMatchObject({ status: 200, body: { Scope: "local" } });
    expect(await shown("host?scope=swarm")).toMatchObject({ body: { Scope: "swarm" } });
    expect(await docker.ask("GET", "/networks/none?scope=swarm")).toEqual(
      refusal(404, "network none not found"),
    );
    expect(await docker.ask("DELETE", "/networks/host")).toMatchObject({ status: 400 });
  });

  test.each([
    [{ Driver: "macvlan" }, 'Driver "macvlan" is not supported by this cluster'],
    [{ Scope: "local" }, 'Scope "local" is not supported by this cluster'],
    [
      { IPAM: { Config: [{ AuxiliaryAddresses: { a: "10.0.0.9" } }] } },
      "AuxiliaryAddresses is not",
    ],
    [{ IPAM: { Config: [{ Subnet: "10.0.0.0" }] } }, "invalid subnet 10.0.0.0"],
    [{ IPAM: { Config: [{ Gateway: "10.0.0.1" }] } }, "a subnet must be given"],
    [{ Ingress: true }, "Ingress is not supported by this cluster"],
    [{ Options: { encrypted: "" } }, 'leave out the option "encrypted"'],
    [{ EnableIPv6: true }, "an overlay network has addresses of IPv4 only"],
  ])("with %j are refused", async (fields, words) => {
    const { status, body } = await docker.ask("POST", "/networks/create", { Name: "n", ...fields });
    expect(status).toBe(400);
    expect(body.message).toContain(words);
  });
});
