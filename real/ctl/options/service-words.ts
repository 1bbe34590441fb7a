import { InvalidArgumentError } from "commander";
import type { FileReference, Ulimit } from "../../../core/model/container-spec.ts";
import type { PortConfig } from "../../../core/model/endpoint.ts";
import { filePlace } from "../../../core/model/service-defaults.ts";
import { countOf } from "../../command-line/units.ts";
import { fieldsOf } from "./field-words.ts";
import { modeOf } from "./mount-word.ts";

/** What the words of a service may name: ids by name, and variables of the shell. */
export interface Known {
  readonly env: NodeJS.ProcessEnv;
  readonly secrets: ReadonlyMap<string, string>;
  readonly configs: ReadonlyMap<string, string>;
  readonly networks: ReadonlyMap<string, string>;
}

type Words = Readonly<Partial<Record<string, string>>>;

const portKeys = ["target", "dst", "published", "src", "protocol", "mode", "name"];
const fileKeys = ["source", "src", "target", "dst", "uid", "gid", "mode"];

const protocols = ["tcp", "udp", "sctp"] as const;

/** `80`, `8080:80`, `53:53/udp`, or `published=8080,target=80,protocol=tcp,mode=host,name=web`. */
export function portOf(text: string): PortConfig {
  return text.includes("=") ? portOfPairs(text) : shortPort(text);
}

function shortPort(text: string): PortConfig {
  const found = /^(?:(\d+):)?(\d+)(?:\/(\w+))?$/.exec(text);
  const target = found?.[2];
  if (target === undefined) throw badPort(text);
  return port(text, { target, published: found?.[1], protocol: found?.[3] });
}

function portOfPairs(text: string): PortConfig {
  const words: Words = Object.fromEntries(fieldsOf(text, portKeys));
  const { target = words.dst, published = words.src, protocol, mode, name } = words;
  if (target === undefined) throw badPort(text);
  return port(text, { target, published, protocol, mode, name });
}

interface PortWords {
  readonly target: string;
  readonly published: string | undefined;
  readonly protocol: string | undefined;
  readonly mode?: string | undefined;
  readonly name?: string | undefined;
}

function port(text: string, words: PortWords): PortConfig {
  const { target, published = "0", protocol: written = "tcp", mode = "ingress", name = "" } = words;
  const protocol = protocols.find((each) => each === written);
  if (protocol === undefined || (mode !== "ingress" && mode !== "host")) throw badPort(text);
  const [targetPort, publishedPort] = [countOf(target), countOf(published)];
  if (targetPort < 1 || targetPort > 65_535 || publishedPort > 65_535) throw badPort(text);
  return { name, protocol, targetPort, publishedPort, publishMode: mode };
}

function badPort(text: string): InvalidArgumentError {
  const forms = "8080:80, 53:53/udp or published=8080,target=80,mode=host";
  return new InvalidArgumentError(`'${text}' is no port to publish: write ${forms}.`);
}

/** `name`, `name:target`, or `source=name,target=path,uid=0,gid=0,mode=0400`. */
export function fileOf(text: string, ids: ReadonlyMap<string, string>): FileReference {
  const words = text.includes("=") ? Object.fromEntries(fieldsOf(text, fileKeys)) : short(text);
  const { source = words.src ?? "", target = words.dst ?? source, uid, gid, mode } = words;
  const id = ids.get(source);
  if (id === undefined) {
    const known = [...ids.keys()].join(", ") || "none";
    throw new InvalidArgumentError(
      `'${source}' is not there. Create it first; there are: ${known}.`,
    );
  }
  const place = filePlace(target);
  return {
    id,
    name: source,
    target,
    uid: uid ?? place.uid,
    gid: gid ?? place.gid,
    mode: mode === undefined ? place.mode : modeOf(mode),
  };
}

function short(text: string): Words {
  const [source = "", target] = text.split(":");
  return target === undefined ? { source } : { source, target };
}

/** `nofile=1024` for both, or `nofile=1024:2048`: soft and hard; -1 is no limit. */
export function ulimitOf(text: string): Ulimit {
  const found = /^(\w+)=(-1|\d+)(?::(-1|\d+))?$/.exec(text);
  const [, name, soft, hard = soft] = found ?? [];
  if (name === undefined) {
    throw new InvalidArgumentError(
      `'${text}' is no ulimit: write nofile=1024 or nofile=1024:2048.`,
    );
  }
  return { name, soft: Number(soft), hard: Number(hard) };
}

/** `name:address`, as Docker's client writes it, or a line of `/etc/hosts` as it is. */
export function hostLineOf(text: string): string {
  const at = text.indexOf(":");
  return /\s/.test(text) || at < 0 ? text : `${text.slice(at + 1)} ${text.slice(0, at)}`;
}
