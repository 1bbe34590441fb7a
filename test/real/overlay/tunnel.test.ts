import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { OverlayPeer } from "../../../core/model/overlay.ts";
import { type IpRoute, newIpRoute } from "../../../real/overlay/iproute.ts";
import { Overlays } from "../../../real/overlay/overlays.ts";
import { bridgeOf, macOf, Tunnel } from "../../../real/overlay/tunnel.ts";
import { Machines } from "../../support/machines.ts";
import { overlayState, peer } from "../../support/node-overlays.ts";

// Goal: an overlay's device leads to the tasks on other nodes and to nothing else, whatever there
// was before; what can't be had is said in words that help.
// Method: a machine with a bridge such as an engine makes, and its own kernel's word for it.

const id = "k3v9q2m7x1c5b8n4z6j0h2g4f";
let machines: Machines;
let enter: readonly string[];
let ip: IpRoute;

beforeAll(() => {
  machines = new Machines();
  machines.add("a");
  enter = machines.enter("a");
  ip = newIpRoute(enter);
});
afterAll(() => machines.remove());
beforeEach(() => ip.run("ip", [`link add ${bridgeOf(id)} type bridge`]));
afterEach(async () => {
  const links = (await ip.list("ip", "link")) as { ifname: string }[];
  const made = links.filter(({ ifname }) => /^(sw|vx)/.test(ifname));
  await ip.run(
    "ip",
    made.map(({ ifname }) => `link delete ${ifname}`),
  );
});

const log = pino({ level: "silent" });
const names = { carry: () => undefined, open: async () => null, close: async () => undefined };
const device = `vx${id.slice(0, 12)}`;
const state = (...peers: readonly OverlayPeer[]) => overlayState(id, peers);
const to = (...entries: readonly [string, string][]) => new Map(entries);

/** The node that each address leads to, as the kernel has it. */
async function leads(): Promise<string[]> {
  const entries = await ip.list("bridge", "fdb", "show", "dev", device);
  const found = entries as { mac: string; dst?: string; master?: string }[];
  const neighbours = (await ip.list("ip", "neighbour", "show", "dev", device)) as {
    dst: string;
    lladdr: string;
  }[];
  const atBridge = new Set(found.flatMap(({ mac, master }) => (master === undefined ? [] : [mac])));
  return neighbours
    .map(({ dst, lladdr }) => {
      expect(lladdr).toBe(macOf(dst));
      expect(atBridge.has(lladdr)).toBe(true);
      return `${dst} ${found.find(({ mac, dst: node }) => mac === lladdr && node)?.dst}`;
    })
    .sort();
}

async function index(): Promise<number | null> {
  const links = (await ip.list("ip", "link")) as { ifname: string; ifindex: number }[];
  return links.find(({ ifname }) => ifname === device)?.ifindex ?? null;
}

test("a device is made for the first task elsewhere, and follows all of them", async () => {
  const tunnel = new Tunnel(id, ip);
  await tunnel.lead(state(), to());
  expect(await index()).toBe(null);
  await tunnel.lead(state(), to(["10.0.1.2", "10.9.0.2"], ["10.0.1.3", "10.9.0.3"]));
  expect(await leads()).toEqual(["10.0.1.2 10.9.0.2", "10.0.1.3 10.9.0.3"]);
  await tunnel.lead(state(), to(["10.0.1.3", "10.9.0.2"], ["10.0.1.4", "10.9.0.2"]));
  expect(await leads()).toEqual(["10.0.1.3 10.9.0.2", "10.0.1.4 10.9.0.2"]);
  await tunnel.lead(state(), to());
  expect(await leads()).toEqual([]);
  await tunnel.remove();
  expect(await index()).toBe(null);
});

test("nothing is flooded: the device has no entry but those of tasks", async () => {
  await new Tunnel(id, ip).lead(state(), to(["10.0.1.2", "10.9.0.2"]));
  const [found] = (await ip.list("ip", "-details", "link", "show", "dev", device)) as {
    linkinfo: { info_data: object; info_slave_data: object };
  }[];
  expect(found?.linkinfo.info_data).toMatchObject({
    id: 4097,
    port: 4789,
    learning: false,
    proxy: true,
  });
  expect(found?.linkinfo.info_slave_data).toMatchObject({ learning: false, flood: false });
  const entries = (await ip.list("bridge", "fdb", "show", "dev", device)) as { dst?: string }[];
  expect(entries.filter(({ dst }) => dst !== undefined)).toHaveLength(1);
});

test("what an earlier life has made is taken over, and brought to what is now", async () => {
  await new Tunnel(id, ip).lead(state(), to(["10.0.1.2", "10.9.0.2"], ["10.0.1.3", "10.9.0.3"]));
  const before = await index();
  await new Tunnel(id, ip).lead(state(), to(["10.0.1.3", "10.9.0.9"]));
  expect(await index()).toBe(before);
  expect(await leads()).toEqual(["10.0.1.3 10.9.0.9"]);
});

test("what was half made, or is another overlay's, is made anew", async () => {
  await new Tunnel(id, ip).lead(state(), to(["10.0.1.2", "10.9.0.2"]));
  await ip.run("ip", [`neighbour delete 10.0.1.2 dev ${device}`]);
  await new Tunnel(id, ip).lead(state(), to(["10.0.1.2", "10.9.0.2"]));
  expect(await leads()).toEqual(["10.0.1.2 10.9.0.2"]);
  await ip.run("ip", [`link set ${device} down`]);
  await new Tunnel(id, ip).lead(state(), to(["10.0.1.2", "10.9.0.2"]));
  const [made] = (await ip.list("ip", "link", "show", "dev", device)) as { flags: string[] }[];
  expect(made?.flags).toContain("UP");
  const other = overlayState(id, [], { vni: 4099 });
  await new Tunnel(id, ip).lead(other, to(["10.0.1.2", "10.9.0.2"]));
  expect(await leads()).toEqual(["10.0.1.2 10.9.0.2"]);
});

test("a device whose bridge is gone keeps nobody from its number", async () => {
  await new Tunnel(id, ip).lead(state(), to(["10.0.1.2", "10.9.0.2"]));
  await ip.run("ip", [`link delete ${bridgeOf(id)}`]);
  const next = "next9q2m7x1c5b8n4z6j0h2g4";
  await ip.run("ip", [`link add ${bridgeOf(next)} type bridge`]);
  await new Tunnel(next, ip).lead(overlayState(next, []), to(["10.0.1.2", "10.9.0.2"]));
  expect(await index()).toBe(null);
});

test("what is in the way is said, and is in the way no longer once it is gone", async () => {
  const tunnel = new Tunnel(id, ip);
  const peers = to(["10.0.1.2", "10.9.0.2"]);
  await ip.run("ip", ["link add taken type vxlan id 4097 dstport 4789 local 10.213.0.1"]);
  await ip.run("ip", ["link set taken up"]);
  const own = overlayState(id, []);
  await expect(tunnel.lead(own, peers)).rejects.toThrow(/another program has VXLAN/);
  await ip.run("ip", ["link delete taken"]);
  await tunnel.lead(own, peers);
  expect(await leads()).toEqual(["10.0.1.2 10.9.0.2"]);
});

test("what the node has not is named: a bridge, iproute2, rights", async () => {
  const peers = to(["10.0.1.2", "10.9.0.2"]);
  const elsewhere = new Tunnel("no-such-network-at-all", ip).lead(state(), peers);
  await expect(elsewhere).rejects.toThrow(/is the engine on another machine/);
  const bare = newIpRoute([...enter, "setpriv", "--bounding-set=-net_admin"]);
  await expect(new Tunnel(id, bare).lead(state(), peers)).rejects.toThrow(/CAP_NET_ADMIN/);
  await new Tunnel(id, bare).lead(state(), to());
  const path = process.env.PATH;
  process.env.PATH = "/nowhere";
  const missing = new Tunnel(id, newIpRoute()).lead(state(), peers);
  process.env.PATH = path;
  await expect(missing).rejects.toThrow(/install iproute2/);
});

test("a task that others are not reached from is refused, until they are", async () => {
  const bare = newIpRoute([...enter, "setpriv", "--bounding-set=-net_admin"]);
  let isAllowed = false;
  const overlays = new Overlays(pino({ level: "silent" }), {
    names,
    ip: { ...bare, run: (...line) => (isAllowed ? ip : bare).run(...line) },
  });
  overlays.carry(state(peer("web1", "10.0.1.2")));
  expect(await overlays.made(id, true)).toBe(null);
  overlays.carry(state(peer("web1", "10.0.1.2"), peer("web2", "10.0.1.3", { node: "10.9.0.2" })));
  await expect(overlays.made(id, false)).rejects.toThrow(/does not reach other nodes.*NET_ADMIN/);
  expect(overlays.figures).toEqual({ overlays: 1, remote: 1, broken: 1 });
  isAllowed = true;
  expect(await overlays.made(id, false)).toBe(null);
  expect(await leads()).toEqual(["10.0.1.3 10.9.0.2"]);
  overlays.carry(overlayState(id, null));
  await overlays.removed(id);
  expect(overlays.figures).toEqual({ overlays: 0, remote: 0, broken: 0 });
  expect(await index()).toBe(null);
  await overlays.close();
});

test("a node that says no address, or what is none, changes nothing of any overlay", async () => {
  const overlays = new Overlays(log, { names, ip });
  const own = `dev ${device} dst 10.9.0.6 self master static`;
  const forged = `10.9.0.6 self master static\nfdb replace ${macOf("10.0.1.3")} ${own}\n#`;
  const nodes = ["", forged, "w4.example", "10.9.0.2"];
  const peers = nodes.map((node, at) => peer(`web${at}`, `10.0.1.${at + 2}`, { node }));
  overlays.carry(state(...peers, peer("web9", "10.0.1.9", { node: "10.9.0.9" })));
  expect(await overlays.made(id, true)).toBe(null);
  expect(await leads()).toEqual(["10.0.1.5 10.9.0.2", "10.0.1.9 10.9.0.9"]);
  await overlays.close();
});
