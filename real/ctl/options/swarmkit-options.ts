import { InvalidArgumentError, Option } from "commander";
import type { PortConfig } from "../../../core/model/endpoint.ts";
import { rolloutOptions } from "./rollout-options.ts";
import { portOf } from "./service-words.ts";
import { configs, genericResources, mounts, ports, secrets } from "./spec-lists.ts";
import {
  added,
  inContainer,
  type ListIn,
  type SpecOption,
  several,
  swarmkitsNames,
  without,
} from "./spec-option.ts";
import { taskOptions } from "./task-options.ts";

const dockers = [...taskOptions, ...rolloutOptions("update"), ...rolloutOptions("rollback")];

function alias(flags: string, long: string): SpecOption {
  const { option, apply } = dockers.find((each) => each.option.long === long) as SpecOption;
  const { parseArg, argChoices } = option;
  const named = Object.assign(new Option(flags, `the same as ${long}`), { parseArg, argChoices });
  return { option: named, apply };
}

/** Words, each of which may be several with commas between. */
function split(words: readonly string[]): readonly string[] {
  return words.flatMap((word) => word.split(","));
}

/** `name:80`, `name:80/udp` or `name:80:8080`: published where the tasks are. */
function hostPortOf(text: string): PortConfig {
  const found = /^([^:]*):(\d+)(?:\/(\w+))?(?::(\d+)(?:\/(\w+))?)?$/.exec(text);
  const [, name, target, protocol = "tcp", published = "0", outside = protocol] = found ?? [];
  if (target === undefined || outside !== protocol) {
    const forms = "web:80, web:80:8080 or dns:53/udp:53/udp";
    throw new InvalidArgumentError(
      `'${text}' is no port: write name:target:published, as ${forms}.`,
    );
  }
  const port = portOf(`target=${target},published=${published},protocol=${protocol},mode=host`);
  return { ...port, name: name as string };
}

/** `/run:size=64m,mode=1777,ro` in the words of `--mount`. */
function tmpfsWord(text: string): string {
  const [target, ...rest] = text.split(":");
  const options = rest.flatMap((part) => part.split(",")).filter((each) => each !== "rw");
  const words = options.map((each) => (each === "ro" ? "readonly" : `tmpfs-${each}`));
  return ["type=tmpfs", `target=${target}`, ...words].join(",");
}

function bindWord(text: string): string {
  const [source, ...target] = text.split(":");
  if (target.length > 0) return `type=bind,source=${source},target=${target.join(":")}`;
  throw new InvalidArgumentError(`'${text}' is no bind mount: write /source:/target.`);
}

/** One mount more, of a kind of its own. */
function mount(flags: string, about: string, wordOf: (text: string) => string): SpecOption {
  return several(flags, about, (spec, words, known) => {
    return mounts.with(spec, added(spec, words.map(wordOf), mounts, known));
  });
}

/** A list of `service update`: one more, one less. */
function changes<T>(name: string, place: ListIn<T>): readonly SpecOption[] {
  return [
    several(`--add-${name} <${name}>`, `the same as --${name}-add`, (spec, words, known) => {
      return place.with(spec, added(spec, words, place, known));
    }),
    several(`--rm-${name} <${name}>`, `the same as --${name}-rm`, (spec, words, known) => {
      return place.with(spec, without(spec, words, place, known));
    }),
  ];
}

const capabilityChanges = [
  several("--add-capability <name>", "one more of --cap-add", (spec, names) => {
    const { capabilityAdd: to, capabilityDrop: from } = spec.task.container;
    const { more, less } = moved(names, from, to);
    return inContainer(spec, { capabilityAdd: more, capabilityDrop: less });
  }),
  several("--rm-capability <name>", "one more of --cap-drop", (spec, names) => {
    const { capabilityAdd: from, capabilityDrop: to } = spec.task.container;
    const { more, less } = moved(names, from, to);
    return inContainer(spec, { capabilityAdd: less, capabilityDrop: more });
  }),
];

function moved(names: readonly string[], from: readonly string[], to: readonly string[]) {
  return {
    more: [...new Set([...to, ...names])],
    less: from.filter((each) => !names.includes(each)),
  };
}

const ofUpdate = [
  ...changes("secret", secrets),
  ...changes("config", configs),
  ...capabilityChanges,
].map((each) => ({ ...each, only: "update" }) as const);

/** Options that SwarmKit's `swarmctl` has under other names than Docker's client, or besides. */
export const swarmkitOptions: readonly SpecOption[] = [
  several("--ports <port>", "name:target:published, on the tasks' own nodes", (spec, words) => {
    return ports.with(spec, split(words).map(hostPortOf));
  }),
  several("--generic-resources <list>", "such as gpu=3,fpga=1", (spec, words, known) => {
    const wanted = split(words).map((word) => genericResources.parse(word, known));
    return genericResources.with(spec, wanted);
  }),
  alias("--memory-reservation <bytes>", "--reserve-memory"),
  alias("--memory-limit <bytes>", "--limit-memory"),
  alias("--cpu-reservation <count>", "--reserve-cpu"),
  alias("--cpu-limit <count>", "--limit-cpu"),
  alias("--update-on-failure <action>", "--update-failure-action"),
  alias("--rollback-on-failure <action>", "--rollback-failure-action"),
  mount("--bind <source:target>", "one bind mount more", bindWord),
  mount("--volume <target>", "one anonymous volume more", (target) => `target=${target}`),
  mount("--tmpfs <target:options>", "such as /run:size=64m,mode=0755,ro", tmpfsWord),
  ...ofUpdate,
].map((each) => {
  each.option.helpGroup(swarmkitsNames);
  return each;
});
