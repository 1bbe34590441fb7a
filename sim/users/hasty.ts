import type { Random } from "../../core/base/random.ts";
import { isJob, type Service } from "../../core/model/service.ts";
import { certLives } from "../scenario/chaos-words.ts";
import type { Command } from "../scenario/dsl.ts";
import type { Host } from "../world/host.ts";
import { percent } from "./drawn-commands.ts";
import { drawChange, drawService, type Surroundings } from "./drawn-service.ts";
import { drawSettings } from "./drawn-settings.ts";
import { replicasMost } from "./operator.ts";

/**
 * What users do who are in a hurry: several things to one service, machine or setting, each as soon
 * as the one before is answered.
 */

type Draw = () => Command;

/** Changes their mind about a service; one that is not `own` is only scaled and deployed. */
export function drawWavering(
  random: Random,
  around: Surroundings,
  { spec }: Service,
  own: boolean,
): Command[] {
  const service = spec.name;
  const image = `${service}:${random.between(2, 9)}`;
  const usual: readonly Draw[] = [
    () => ({ do: "rollback", service }),
    () => ({ do: "rollback", service }),
    () => ({ do: "update", service, change: { image } }),
    () => ({ do: "update", service, change: { image: spec.task.container.image } }),
    () => ({ do: "update", service, change: { forceUpdate: random.u32() } }),
    () => ({ do: "scale", service, replicas: random.between(0, replicasMost) }),
  ];
  const more: readonly Draw[] = [
    () => ({ do: "update", service, change: drawChange(random, around, service, isJob(spec)) }),
    () => ({ do: "rebalance", service }),
  ];
  return some(random, own ? [...usual, ...more] : usual);
}

/** Takes the service away, and makes another of its name. */
export function drawRenewal(
  random: Random,
  around: Surroundings,
  { spec: { name } }: Service,
): Command[] {
  return [
    { do: "remove", service: name },
    { do: "create", service: drawService(random, around, name) },
  ];
}

/** Gives the service a secret, or a config, of its own, and another one in its place. */
export function drawFileRotation(random: Random, { spec: { name } }: Service): Command[] {
  const table = random.pick(["secret", "config"] as const);
  const [old, next] = random.shuffled([`${name}-old`, `${name}-new`]) as [string, string];
  const made: Command = { do: "create-file", table, name: next, data: `${random.u32()}` };
  const change = table === "secret" ? { secrets: [next] } : { configs: [next] };
  return [
    made,
    { do: "update", service: name, change },
    { do: "remove-file", table, name: old },
    ...(percent(random, 30) ? [{ do: "rollback", service: name } as const] : []),
  ];
}

/** Attaches the service to a network of its own, and takes that away again. */
export function drawNetworkChange(random: Random, { spec: { name: service } }: Service): Command[] {
  const name = `${service}-net`;
  const driver = percent(random, 80) ? "overlay" : "bridge";
  const away: Command = { do: "update", service, change: { networks: [] } };
  const isDetached = percent(random, 60);
  return [
    { do: "create-network", name, driver },
    { do: "update", service, change: { networks: [name] } },
    ...(isDetached ? [away] : []),
    { do: "remove-network", name },
  ];
}

/** Another role and back, perhaps once more. */
export function drawRoles(random: Random, { name: nodes, isManager }: Host): Command[] {
  const other = isManager ? "worker" : "manager";
  const both: Command[] = [
    { do: "role", nodes, role: other },
    { do: "role", nodes, role: isManager ? "manager" : "worker" },
  ];
  return percent(random, 30) ? [...both, ...both] : both;
}

/** Out of service and into it, and in the end at work. */
export function drawMaintenance(random: Random, nodes: string): Command[] {
  const to = (availability: "active" | "pause" | "drain"): Command => {
    return { do: "availability", nodes, availability };
  };
  return [
    ...some(random, [() => to("drain"), () => to("pause"), () => to("active")]),
    to("active"),
  ];
}

/** Roots, keys, locks and settings, each before the one before has come to its end. */
export function drawUpheaval(random: Random): Command[] {
  const change = (): Command => ({ do: "configure", change: drawSettings(random) });
  return some(random, [
    () => ({ do: "rotate-root" }),
    () => ({ do: "rotate-root" }),
    () => ({ do: "rotate-root", to: "own" }),
    () => ({ do: "rotate-unlock-key" }),
    () => ({ do: "rotate-join-token", role: random.pick(["manager", "worker"] as const) }),
    () => ({ do: "configure", change: { autoLock: percent(random, 50) } }),
    () => ({ do: "configure", change: { certExpiry: random.pick(certLives) } }),
    change,
    change,
  ]);
}

function some(random: Random, draws: readonly Draw[]): Command[] {
  return Array.from({ length: random.between(2, 5) }, () => random.pick(draws)());
}
