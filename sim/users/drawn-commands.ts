import type { Random } from "../../core/base/random.ts";
import type { Service } from "../../core/model/service.ts";
import { certLives } from "../scenario/chaos-words.ts";
import type { Command } from "../scenario/dsl.ts";
import type { PortPlan } from "../scenario/service-words.ts";
import type { Host } from "../world/host.ts";
import { drawRareSettings } from "./drawn-settings.ts";

/** What users ask for whatever there is in the cluster, drawn at random. */

export const fileNames = ["alpha", "beta", "gamma"] as const;
export const volumeNames = ["data", "logs"] as const;
/** Values of a label that users give nodes and other things. */
export const tiers = ["gold", "silver"] as const;
const networkNames = ["front", "back"] as const;
const chosenSubnets = ["10.20.0.0/24", "10.20.0.128/25", "10.21.0.0/24"] as const;
const ranges = ["10.30.0.0/26", "10.30.0.64/26", "10.30.0.192/26"] as const;
const gateways = ["10.30.0.1", "10.30.0.64", "10.30.0.254"] as const;

/** True in this many of a hundred draws. */
export function percent(random: Random, share: number): boolean {
  return random.chance(share * 10_000);
}

/** Nothing where there is no such service. */
export function about<Action>(
  service: Service | undefined,
  draw: (found: Service) => readonly Action[],
): readonly Action[] {
  return service === undefined ? [] : draw(service);
}

/** One that is or was in the cluster, or may come to be when it is switched on. */
export function drawHost(random: Random, hosts: readonly Host[]): Host {
  return random.pick(hosts.filter(({ isUnborn }) => !isUnborn));
}

export function drawFile(random: Random): Command {
  const table = random.pick(["secret", "config"] as const);
  const name = random.pick(fileNames);
  if (percent(random, 30)) return { do: "remove-file", table, name };
  return { do: "create-file", table, name, data: `${name} ${random.u32()}` };
}

export function drawFileLabels(random: Random): Command {
  const table = random.pick(["secret", "config"] as const);
  const labels = { tier: random.pick(tiers) };
  return { do: "label-file", table, name: random.pick(fileNames), labels };
}

export function drawNetwork(random: Random): Command {
  const name = random.pick(networkNames);
  if (percent(random, 30)) return { do: "remove-network", name };
  return { do: "create-network", name, driver: percent(random, 80) ? "overlay" : "bridge" };
}

/** Some of these overlap. */
export function drawChosenNetwork(random: Random): Command {
  const subnet = random.pick(chosenSubnets);
  return { do: "create-network", name: "chosen", driver: "overlay", subnet };
}

/** Its tasks get a quarter of its addresses, which may begin with the gateway's. */
export function drawRangedNetwork(random: Random): Command {
  const name = "ranged";
  if (percent(random, 40)) return { do: "remove-network", name };
  const range = random.pick(ranges);
  const gateway = random.pick(gateways);
  const labels = { tier: random.pick(tiers) };
  const plan = { driver: "overlay", subnet: "10.30.0.0/24", range, gateway, labels } as const;
  return { do: "create-network", name, ...plan };
}

/** What it is not. */
/** Several that are alike, and perhaps one whose number the cluster may have chosen for them. */
export function drawPorts(random: Random): PortPlan[] {
  const ports: PortPlan[] = Array.from({ length: random.between(1, 3) }, () => ({ target: 81 }));
  return percent(random, 50)
    ? [...ports, { target: 82, published: random.between(30000, 30004) }]
    : ports;
}

export function drawRole(_random: Random, { name: nodes, isManager }: Host): Command[] {
  return [{ do: "role", nodes, role: isManager ? "worker" : "manager" }];
}

/** Tokens, roots, locks and how long certificates are good. */
export function drawSecurity(random: Random): Command {
  const change = percent(random, 50)
    ? { certExpiry: random.pick(certLives) }
    : { autoLock: percent(random, 50) };
  return random.pick<Command>([
    { do: "rotate-root" },
    { do: "rotate-join-token", role: "worker" },
    { do: "rotate-join-token", role: "manager" },
    { do: "rotate-unlock-key" },
    { do: "configure", change },
  ]);
}

/** The commands about who signs certificates, and whose root is the cluster's. */
export function drawAuthorities(random: Random): Command {
  if (percent(random, 30)) return { do: "rotate-root", to: "outside" };
  return { do: "configure", change: drawRareSettings(random) };
}

export function drawVolume(random: Random): Command {
  const name = random.pick(volumeNames);
  return { do: percent(random, 25) ? "remove-volume" : "create-volume", name };
}

/** Kept from new tasks, most often for a short time. */
export function drawKeptVolume(random: Random): Command[] {
  const name = random.pick(volumeNames);
  const availability = percent(random, 50) ? "pause" : "drain";
  const kept: Command = { do: "volume-availability", name, availability };
  return percent(random, 30) ? [kept] : [kept, usable(name)];
}

/** New tasks may mount the volume. */
export function usable(name: string): Command {
  return { do: "volume-availability", name, availability: "active" };
}

export function drawVolumeLabels(random: Random): Command {
  const labels = percent(random, 20) ? {} : { tier: random.pick(tiers) };
  return { do: "label-volume", name: random.pick(volumeNames), labels };
}
