import { firstFound } from "../base/gather.ts";
import { type Duration, ms } from "../base/time.ts";
import type { ContainerSpec, FilePlace, HealthConfig, Ulimit } from "../model/container-spec.ts";
import { Expansion } from "../model/expansion.ts";
import { parseAddress } from "../model/ip-address.ts";
import type { Mount } from "../model/mount.ts";
import { expandedContainer, templateFields } from "../model/template.ts";
import { isCount, spanProblem } from "./count.ts";

const leastHealthSpan = ms(1);
/**
 * A reference as Docker's `reference.ParseNormalizedNamed` takes it, but for the length of a name.
 * What looks like the id of an image is not a reference.
 */
const imageReference = new RegExp(
  "^(?![a-f0-9]{64}$)(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]+)?/)?" +
    "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*" +
    "(?::\\w[\\w.-]{0,127})?" +
    "(?:@(?:sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128}))?$",
);
/** The engine puts its own address in place of `host-gateway`. */
const hostLine = /^(?:[0-9a-fA-F:.]+|host-gateway)(?:\s+[A-Za-z0-9._-]+)+$/;

/** Why a container can't be made, or null. Texts are SwarmKit's, or those of Docker's engine. */
export function containerProblem(
  container: ContainerSpec,
  serviceLabels: ReadonlyMap<string, string>,
): string | null {
  return (
    imageProblem(container.image) ??
    environmentProblem(container.env) ??
    firstFound(container.mounts, mountProblem) ??
    firstFound(container.secrets, (reference) => fileProblem("secret", reference)) ??
    firstFound(container.configs, (reference) => fileProblem("config", reference)) ??
    firstFound(container.hosts, hostProblem) ??
    firstFound(container.dns.nameservers, nameserverProblem) ??
    firstFound(container.ulimits, ulimitProblem) ??
    healthProblem(container.health) ??
    confinementProblem(container) ??
    expandedProblem(container, serviceLabels)
  );
}

/**
 * Placeholders are tried with a task that is none (SwarmKit `validateContainerSpec`, which leaves
 * out the labels, and so refuses `.Service.Labels.NAME` whatever they are).
 */
function expandedProblem(
  container: ContainerSpec,
  serviceLabels: ReadonlyMap<string, string>,
): string | null {
  const task = { id: "", name: "", slot: 1, serviceId: "", nodeId: "", serviceLabels };
  const place = { hostname: "", platform: { os: "", architecture: "" } };
  const expansion = new Expansion(templateFields(task, place));
  const { mounts } = expandedContainer(container, expansion);
  return expansion.problem ?? duplicateProblem(mounts.map(({ target }) => target));
}

function imageProblem(image: string): string | null {
  if (image === "") return "ContainerSpec: image reference must be provided";
  if (imageReference.test(image)) return null;
  return `ContainerSpec: "${image}" is not a valid repository/tag`;
}

function environmentProblem(env: readonly string[]): string | null {
  const nameless = env.find((each) => each === "" || each.startsWith("="));
  return nameless === undefined ? null : `invalid environment variable: ${nameless}`;
}

function mountProblem({ kind, source, target }: Mount): string | null {
  const config = `invalid mount config for type "${kind}"`;
  if (target === "") return `${config}: field Target must not be empty`;
  if (!mayBeAbsolute(target)) {
    return `${config}: invalid mount path: '${target}' mount path must be absolute`;
  }
  if (kind === "bind" && !mayBeAbsolute(source)) {
    return `${config}: invalid mount path: '${source}' mount path must be absolute`;
  }
  if (kind === "volume" && source.startsWith("/")) {
    return `${config}: invalid volume mount source, must not be an absolute path: ${source}`;
  }
  if (kind === "image" && source === "") return `${config}: field Source must not be empty`;
  if (kind === "tmpfs" && source !== "") return `${config}: field Source must not be specified`;
  return null;
}

/** What begins with a placeholder is known on the node only. */
function mayBeAbsolute(path: string): boolean {
  return path.startsWith("/") || path.startsWith("{{");
}

function duplicateProblem(targets: readonly string[]): string | null {
  const twice = targets.find((target, at) => targets.indexOf(target) < at);
  return twice === undefined ? null : `ContainerSpec: duplicate mount point: ${twice}`;
}

function fileProblem(
  kind: "secret" | "config",
  { target, uid, gid, mode }: FilePlace,
): string | null {
  if (target === "") {
    return `malformed file ${kind} reference, invalid target file name provided`;
  }
  if (!/^\d+$/.test(uid)) return `invalid UID: ${uid} for ${target}: it must be a number`;
  if (!/^\d+$/.test(gid)) return `invalid GID: ${gid} for ${target}: it must be a number`;
  if (isCount(mode) && mode <= 0o7777) return null;
  return `invalid mode for ${target}: it must be between 0 and 07777`;
}

function hostProblem(line: string): string | null {
  if (hostLine.test(line)) return null;
  return `ContainerSpec: invalid host entry '${line}': it must be an address and its names`;
}

function nameserverProblem(address: string): string | null {
  if (parseAddress(address) !== null) return null;
  return `ContainerSpec: invalid nameserver '${address}': it must be an IP address`;
}

function ulimitProblem({ name, soft, hard }: Ulimit): string | null {
  if (name === "") return "ContainerSpec: ulimit name must be provided";
  if (hard === -1 || (soft !== -1 && soft <= hard)) return null;
  return `ulimit soft limit must be less than or equal to hard limit: ${soft} > ${hard}`;
}

function confinementProblem({ oomScoreAdj = 0, privileges }: ContainerSpec): string | null {
  if (oomScoreAdj < -1000 || oomScoreAdj > 1000) {
    return `invalid value ${oomScoreAdj}, range for oom score adj is [-1000, 1000]`;
  }
  if (privileges === undefined) return null;
  const { seccompMode, seccompProfile, appArmorMode } = privileges;
  if (!["", "default", "unconfined", "custom"].includes(seccompMode)) {
    return `invalid seccomp mode '${seccompMode}': there is default, unconfined and custom`;
  }
  if ((seccompMode === "custom") !== (seccompProfile !== "")) {
    return "a seccomp profile goes with the mode custom, and with no other";
  }
  if (["", "default", "disabled"].includes(appArmorMode)) return null;
  return `invalid AppArmor mode '${appArmorMode}': there is default and disabled`;
}

function healthProblem(health: HealthConfig | null): string | null {
  if (health === null) return null;
  const { interval, timeout, startPeriod, startInterval = 0, retries } = health;
  const spans = {
    Interval: interval,
    Timeout: timeout,
    StartPeriod: startPeriod,
    StartInterval: startInterval,
  };
  for (const [name, span] of Object.entries(spans)) {
    if (span !== 0 && span < leastHealthSpan) {
      return `ContainerSpec: ${name} in HealthConfig cannot be less than 1ms`;
    }
    const problem = spanProblem(`ContainerSpec: ${name} in HealthConfig`, span as Duration);
    if (problem !== null) return problem;
  }
  return isCount(retries) ? null : "ContainerSpec: Retries in HealthConfig cannot be negative";
}
