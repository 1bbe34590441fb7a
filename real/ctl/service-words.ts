import { InvalidArgumentError } from "commander";
import type { FileReference } from "../../core/model/container-spec.ts";
import type { PortConfig } from "../../core/model/endpoint.ts";
import type { Mount } from "../../core/model/mount.ts";
import { filePlace } from "../../core/model/service-defaults.ts";
import { countOf, pairOf } from "./units.ts";

/** Ids of secrets and configs by name. */
export interface FileLookup {
  readonly secrets: ReadonlyMap<string, string>;
  readonly configs: ReadonlyMap<string, string>;
}

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
  const words = Object.fromEntries(text.split(",").map(pairOf));
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

const kinds = ["bind", "tmpfs", "volume", "cluster"] as const;

/** `type=bind,source=/a,target=/b,readonly`. */
export function mountOf(text: string): Mount {
  const words = Object.fromEntries(text.split(",").map(pairOf));
  const {
    type = "volume",
    source = words.src ?? "",
    target = words.dst ?? words.destination,
  } = words;
  const kind = kinds.find((each) => each === type);
  if (kind === undefined || target === undefined) {
    const form = `type=${kinds.join("|")},source=/a,target=/b,readonly`;
    throw new InvalidArgumentError(`'${text}' is no mount: write ${form}.`);
  }
  const mark = words.readonly ?? words.ro;
  return { kind, source, target, readOnly: mark === "" || mark === "true" };
}

/** `name`, `name:target`, or `source=name,target=path,uid=0,gid=0,mode=0400`. */
export function fileOf(text: string, ids: ReadonlyMap<string, string>): FileReference {
  const words = text.includes("=") ? Object.fromEntries(text.split(",").map(pairOf)) : short(text);
  const { source = words.src ?? "", target = source, uid, gid, mode } = words;
  const id = ids.get(source);
  if (id === undefined) {
    const known = [...ids.keys()].join(", ") || "none";
    throw new InvalidArgumentError(
      `'${source}' is not there. Create it first; there are: ${known}.`,
    );
  }
  const place = filePlace(target);
  if (mode !== undefined && !/^[0-7]{1,4}$/.test(mode)) {
    throw new InvalidArgumentError(`'${mode}' is no file mode: write it in octal, such as 0400.`);
  }
  return {
    id,
    name: source,
    target,
    uid: uid ?? place.uid,
    gid: gid ?? place.gid,
    mode: mode === undefined ? place.mode : Number.parseInt(mode, 8),
  };
}

function short(text: string): Record<string, string> {
  const [source = "", target] = text.split(":");
  return target === undefined ? { source } : { source, target };
}
