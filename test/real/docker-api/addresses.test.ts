import type { NetworkInterfaceInfo } from "node:os";
import { expect, test } from "vitest";
import {
  foundingAddresses,
  type Interfaces,
  joiningAddresses,
  remoteAddress,
} from "../../../real/docker-api/addresses.ts";

// Goal: addresses of `docker swarm init` and `join` mean what they mean to Docker, and what can't
// be meant is refused in its words.

function address(text: string, internal = false): NetworkInterfaceInfo {
  const family = text.includes(":") ? "IPv6" : "IPv4";
  return { address: text, internal, family } as NetworkInterfaceInfo;
}

const lo = [address("127.0.0.1", true), address("::1", true)];
const docker0 = [address("172.17.0.1")];
const one: Interfaces = { lo, docker0, eth0: [address("10.0.0.5"), address("fe80::1")] };
const two: Interfaces = { ...one, eth1: [address("10.1.0.5")] };
const both: Interfaces = { lo, eth0: [address("10.0.0.5"), address("10.0.0.6")] };
const six: Interfaces = { lo, eth0: [address("2001:db8::5")] };

test.each<[string, string, Interfaces, string, string]>([
  ["0.0.0.0:2377", "", one, "0.0.0.0:2377", "10.0.0.5:2377"],
  ["0.0.0.0:2377", "", six, "0.0.0.0:2377", "[2001:db8::5]:2377"],
  ["eth0", "", one, "10.0.0.5:2377", "10.0.0.5:2377"],
  ["10.0.0.5:4000", "", two, "10.0.0.5:4000", "10.0.0.5:4000"],
  ["0.0.0.0:4000", "10.1.0.5", two, "0.0.0.0:4000", "10.1.0.5:4000"],
  ["0.0.0.0", "eth1:5000", two, "0.0.0.0:2377", "10.1.0.5:5000"],
  [":4000", "192.0.2.1", one, "0.0.0.0:4000", "192.0.2.1:4000"],
  ["[::]:4000", "2001:db8::9", six, "[::]:4000", "[2001:db8::9]:4000"],
  ["[::]:4000", "2001:DB8:0::5", six, "[::]:4000", "[2001:DB8:0::5]:4000"],
  ["10.0.0.5:4000", "192.0.2.1", two, "10.0.0.5:4000", "192.0.2.1:4000"],
])("a founder told %j and %j", (listen, advertise, interfaces, listens, isAt) => {
  const found = foundingAddresses(listen, advertise, interfaces);
  expect(found).toEqual({ listen: listens, advertise: isAt });
});

test.each<[string, string, Interfaces, string]>([
  ["0.0.0.0", "192.0.2.1", two, "must specify a listening address because"],
  ["0.0.0.0", "", two, "different interfaces (10.0.0.5 on eth0 and 10.1.0.5 on eth1)"],
  ["0.0.0.0", "", both, "addresses on interface eth0 (10.0.0.5 and 10.0.0.6)"],
  ["0.0.0.0", "", { lo }, "could not find the system's IP address"],
  ["0.0.0.0", "eth0", both, "interface eth0 has more than one IPv4 address"],
  ["0.0.0.0", "eth9", { eth9: [] }, "interface eth9 has no usable IPv4 or IPv6 address"],
  ["0.0.0.0", "m1.example", one, "advertise address must be a non-zero IP address"],
  ["0.0.0.0", "0.0.0.0", one, "advertise address must be a non-zero IP address"],
  ["0.0.0.0", "a b", one, "advertise address must be a non-zero IP address"],
  ["m1.example", "", one, "listen address must be an IP address or network interface"],
  ["10.0.0.5:99999", "", one, "could not parse listen address 10.0.0.5:99999"],
  ["10.0.0.5:0", "", one, "could not parse listen address 10.0.0.5:0"],
  ["", "", one, 'invalid ListenAddr "": invalid empty address'],
])("a founder told %j and %j is refused", (listen, advertise, interfaces, words) => {
  expect(() => foundingAddresses(listen, advertise, interfaces)).toThrow(words);
});

test("a node that joins is found where it comes from, unless it says otherwise", () => {
  const silent = { listen: "0.0.0.0:2377", advertise: "" };
  expect(joiningAddresses("0.0.0.0:2377", "", two)).toEqual(silent);
  const spoken = { listen: "0.0.0.0:2377", advertise: "10.1.0.5:2377" };
  expect(joiningAddresses("0.0.0.0:2377", "eth1", two)).toEqual(spoken);
});

test.each([
  ["10.0.0.5", "10.0.0.5:2377"],
  ["m1.example:4242", "m1.example:4242"],
  ["[2001:db8::5]:4242", "[2001:db8::5]:4242"],
  ["2001:db8::5", "[2001:db8::5]:2377"],
])("a manager at %j", (text, isAt) => expect(remoteAddress(text)).toBe(isAt));

test.each(["", ":2377", "a b", "10.0.0.5:0", "http://m1"])("no manager is at %j", (text) => {
  expect(() => remoteAddress(text)).toThrow(`invalid remoteAddr ${JSON.stringify(text)}`);
});
