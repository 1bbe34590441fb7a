import type { FileReference, Ulimit } from "../../../core/model/container-spec.ts";
import type { PortConfig } from "../../../core/model/endpoint.ts";
import type { Mount } from "../../../core/model/mount.ts";
import type { NetworkAttachment } from "../../../core/model/network.ts";
import type { ServiceSpec } from "../../../core/model/service.ts";
import { countOf, pairOf } from "../../command-line/units.ts";
import { mountOf } from "./mount-word.ts";
import { fileOf, hostLineOf, type Known, portOf, ulimitOf } from "./service-words.ts";
import { inContainer, inPlacement, inTask, type ListIn } from "./spec-option.ts";

/** The lists of a service's spec that options name whole, add to and take from. */

type Pair = readonly [string, string];

function pairs(
  of: (spec: ServiceSpec) => ReadonlyMap<string, string>,
  put: (spec: ServiceSpec, pairs: ReadonlyMap<string, string>) => ServiceSpec,
): ListIn<Pair> {
  return {
    of: (spec) => [...of(spec)],
    with: (spec, items) => put(spec, new Map(items)),
    parse: pairOf,
    keyOf: ([key]) => key,
    key: "key",
  };
}

function texts(
  key: string,
  of: (spec: ServiceSpec) => readonly string[],
  put: (spec: ServiceSpec, texts: readonly string[]) => ServiceSpec,
): ListIn<string> {
  return { of, with: put, parse: (word) => word, keyOf: (text) => text, key };
}

export const labels = pairs(
  (spec) => spec.labels,
  (spec, changed) => ({ ...spec, labels: changed }),
);

const portKey = ({ targetPort, protocol }: PortConfig) => `${targetPort}/${protocol}`;

export const ports: ListIn<PortConfig> = {
  of: ({ endpoint }) => endpoint.ports,
  with: (spec, items) => ({ ...spec, endpoint: { ...spec.endpoint, ports: items } }),
  parse: portOf,
  keyOf: portKey,
  sameBy: (port) => `${port.publishedPort}:${portKey(port)}`,
  key: "target-port",
  keyIn: (word) => portKey(portOf(word)),
};

export const env: ListIn<string> = {
  ...texts(
    "name",
    ({ task }) => task.container.env,
    (spec, items) => inContainer(spec, { env: items }),
  ),
  parse: (word, { env: own }) => variableOf(word, own),
  keyOf: (variable) => variable.split("=")[0] as string,
};

/** As with Docker, a name alone has the value that it has where the command is typed, if any. */
export function variableOf(word: string, own: NodeJS.ProcessEnv): string {
  const value = word.includes("=") ? undefined : own[word];
  return value === undefined ? word : `${word}=${value}`;
}

export const containerLabels = pairs(
  ({ task }) => task.container.labels,
  (spec, changed) => inContainer(spec, { labels: changed }),
);

export const sysctls = pairs(
  ({ task }) => task.container.sysctls,
  (spec, changed) => inContainer(spec, { sysctls: changed }),
);

export const mounts: ListIn<Mount> = {
  of: ({ task }) => task.container.mounts,
  with: (spec, items) => inContainer(spec, { mounts: items }),
  parse: mountOf,
  keyOf: ({ target }) => target,
  key: "target",
};

export const ulimits: ListIn<Ulimit> = {
  of: ({ task }) => task.container.ulimits,
  with: (spec, items) => inContainer(spec, { ulimits: items }),
  parse: ulimitOf,
  keyOf: ({ name }) => name,
  key: "name",
};

export const secrets: ListIn<FileReference> = {
  of: ({ task }) => task.container.secrets,
  with: (spec, items) => inContainer(spec, { secrets: items }),
  parse: (word, known) => fileOf(word, known.secrets),
  keyOf: ({ name }) => name,
  key: "secret",
};

export const configs: ListIn<FileReference> = {
  of: ({ task }) => task.container.configs,
  with: (spec, items) => inContainer(spec, { configs: items }),
  parse: (word, known) => fileOf(word, known.configs),
  keyOf: ({ name }) => name,
  key: "config",
};

const idOf = (name: string, { networks: ids }: Known) => ids.get(name) ?? name;

export const networks: ListIn<NetworkAttachment> = {
  of: ({ task }) => task.networks,
  with: (spec, items) => inTask(spec, { networks: items }),
  parse: (word, known) => ({ target: idOf(word, known), aliases: [] }),
  keyOf: ({ target }) => target,
  key: "network",
  keyIn: idOf,
};

export const hosts: ListIn<string> = {
  ...texts(
    "name:address",
    ({ task }) => task.container.hosts,
    (spec, items) => inContainer(spec, { hosts: items }),
  ),
  parse: hostLineOf,
  keyIn: hostLineOf,
};

export const groups = texts(
  "group",
  ({ task }) => task.container.groups,
  (spec, items) => inContainer(spec, { groups: items }),
);

const nameservice = (part: "nameservers" | "search" | "options", key: string) =>
  texts(
    key,
    ({ task }) => task.container.dns[part],
    (spec, items) => inContainer(spec, { dns: { ...spec.task.container.dns, [part]: items } }),
  );

export const nameservers = nameservice("nameservers", "address");
export const searchDomains = nameservice("search", "domain");
export const resolverOptions = nameservice("options", "option");

export const constraints = texts(
  "expression",
  ({ task }) => task.placement.constraints,
  (spec, items) => inPlacement(spec, { constraints: items }),
);

export const preferences: ListIn<string> = {
  ...texts(
    "preference",
    ({ task }) => task.placement.preferences,
    (spec, items) => inPlacement(spec, { preferences: items }),
  ),
  parse: spreadOver,
  keyIn: spreadOver,
};

function spreadOver(preference: string): string {
  return preference.replace(/^spread=/, "");
}

export const genericResources: ListIn<readonly [string, number]> = {
  of: ({ task }) => [...task.genericReservations],
  with: (spec, items) => inTask(spec, { genericReservations: new Map(items) }),
  parse: (word) => {
    const [kind, count] = pairOf(word);
    return [kind, countOf(count)];
  },
  keyOf: ([kind]) => kind,
  key: "kind",
};
