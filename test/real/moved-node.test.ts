import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hostPortOf } from "../../real/host-port.ts";
import { RealCluster, until } from "../support/real-cluster.ts";
import { Standby } from "../support/standby.ts";

// Goal: a node that was told by Docker's client where it is goes on where it is now.
// Method: a founder on standby; in its state directory the addresses are made those of a machine
// that it was on before, of a network that documents write about.

const cluster = new RealCluster();
const before = "192.0.2.1:2377";
let founder: Standby;

beforeAll(async () => {
  founder = await Standby.start(cluster, "m1");
  await founder.init({ AdvertiseAddr: before });
});
afterAll(() => cluster.stop());

const file = () => join(founder.node.folder, "state.json");
const kept = () => JSON.parse(readFileSync(file(), "utf8"));

/** As if it came from there. */
async function moveFrom(told: { listen: string; advertise: string }): Promise<void> {
  await founder.node.end("SIGTERM");
  const state = kept();
  writeFileSync(file(), JSON.stringify({ ...state, told: { ...state.told, ...told } }));
}

async function shown(): Promise<string> {
  const { description } = await until("the node", async () => (await cluster.listed())[0] ?? null);
  return `${description.address}:${description.remoteApiPort}`;
}

test("its log says that the address is another machine's", async () => {
  const said = () => founder.node.log.split("an address that this machine does not have").length;
  expect(said()).toBe(2);
  await moveFrom({ listen: before, advertise: before });
  founder.node.start();
  await cluster.ready(1);
  expect(said()).toBe(3);
  const warning = expect.stringContaining(`WARNING: ${before}: others are told`) as string;
  expect((await founder.docker.info()).Warnings).toContainEqual(warning);
  expect(kept().told).toMatchObject({ listen: founder.node.address, advertise: before });
});

test("started with its new address it is there from then on", async () => {
  await moveFrom({ listen: `0.0.0.0:${hostPortOf(founder.address).port}`, advertise: before });
  founder.node.start("--advertise-remote-api", founder.address);
  await until("the new address", async () => (await shown()) === founder.address || null);
  await founder.node.end("SIGTERM");
  founder.node.start("--advertise-remote-api", "127.0.0.9:1");
  await cluster.ready(1);
  expect(await shown()).toBe(founder.address);
  expect(kept().told.advertise).toBe(founder.address);
});
