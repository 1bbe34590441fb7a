import { InvalidArgumentError } from "commander";
import { isEqual } from "../../../core/base/equal.ts";
import { type Mount, type MountOptions, noMountOptions } from "../../../core/model/mount.ts";
import { bytesOf, pairOf } from "../../command-line/units.ts";
import { fieldsOf } from "./field-words.ts";

const kinds = ["bind", "tmpfs", "volume", "cluster", "image"] as const;

type Words = Readonly<Partial<Record<string, string>>>;

const recursions: readonly string[] = ["enabled", "disabled", "writable", "readonly"];

const keys = [
  ...["type", "source", "src", "target", "dst", "destination", "readonly", "ro", "consistency"],
  ...["bind-propagation", "bind-nonrecursive", "bind-recursive", "volume-driver", "volume-opt"],
  ...["volume-label", "volume-nocopy", "volume-subpath", "image-subpath"],
  ...["tmpfs-size", "tmpfs-mode"],
];

/** `type=bind,source=/a,target=/b,readonly`; keys are those of `docker service create --mount`. */
export function mountOf(text: string): Mount {
  const fields = fieldsOf(text, keys);
  const words: Words = Object.fromEntries(fields);
  const {
    type = "volume",
    source = words.src ?? "",
    target = words.dst ?? words.destination,
    "volume-driver": driver = "",
  } = words;
  const kind = kinds.find((each) => each === type);
  if (kind === undefined || target === undefined) {
    const form = `type=${kinds.join("|")},source=/a,target=/b,readonly`;
    throw new InvalidArgumentError(`'${text}' is no mount: write ${form}.`);
  }
  const options = optionsOf(fields);
  return {
    ...{ kind, source, target, readOnly: isOn(words, "readonly") || isOn(words, "ro") },
    ...(driver === "" ? {} : { driver }),
    ...(isEqual(options, noMountOptions) ? {} : { options }),
  };
}

function optionsOf(fields: readonly (readonly [string, string])[]): MountOptions {
  const words: Words = Object.fromEntries(fields);
  const all = (key: string) => fields.filter(([each]) => each === key).map(([, value]) => value);
  const recursive = words["bind-recursive"] ?? "enabled";
  if (!recursions.includes(recursive)) throw badValue("bind-recursive", recursive, recursions);
  return {
    ...noMountOptions,
    consistency: words.consistency ?? "",
    propagation: words["bind-propagation"] ?? "",
    nonRecursive: isOn(words, "bind-nonrecursive") || recursive === "disabled",
    readOnlyNonRecursive: recursive === "writable",
    readOnlyForceRecursive: recursive === "readonly",
    subpath: words["volume-subpath"] ?? words["image-subpath"] ?? "",
    noCopy: isOn(words, "volume-nocopy"),
    labels: new Map(all("volume-label").map(pairOf)),
    driverOptions: new Map(all("volume-opt").map(pairOf)),
    sizeBytes: bytesOf(words["tmpfs-size"] ?? "0"),
    mode: modeOf(words["tmpfs-mode"] ?? "0"),
  };
}

/** `readonly` alone, or with one of the words of Go's `strconv.ParseBool`. */
function isOn(words: Words, key: string): boolean {
  const word = words[key] ?? "false";
  if (["", "1", "t", "true"].includes(word.toLowerCase())) return true;
  if (["0", "f", "false"].includes(word.toLowerCase())) return false;
  throw badValue(key, word, ["true", "false"]);
}

function badValue(key: string, word: string, known: readonly string[]): InvalidArgumentError {
  return new InvalidArgumentError(`'${word}' is no ${key}: write ${known.join(" or ")}.`);
}

/** Permission bits as `chmod` takes them. */
export function modeOf(text: string): number {
  if (/^[0-7]{1,5}$/.test(text)) return Number.parseInt(text, 8);
  throw new InvalidArgumentError(`'${text}' is no file mode: write it in octal, such as 0400.`);
}
