import { readFileSync } from "node:fs";
import protobuf from "protobufjs/light.js";

/** A namespace, a message type or a service, as protobufjs tells of them in JSON. */
interface Described {
  readonly nested?: Readonly<Record<string, Described>>;
  readonly fields?: Readonly<Record<string, { readonly id: number }>>;
  readonly methods?: Readonly<Record<string, DescribedMethod>>;
}

interface DescribedMethod {
  readonly requestStream?: boolean;
  readonly responseStream?: boolean;
}

/** All of `proto`, which `descriptor.js` has read at the build. */
const descriptor: Described & protobuf.INamespace = JSON.parse(
  readFileSync(new URL("proto.json", import.meta.url), "utf8"),
);

let root: protobuf.Root | null = null;

/** The number that the `.proto` files give the field; null: they have none of that name. */
export function fieldNumber(message: string, field: string): number | null {
  return described(message)?.fields?.[field]?.id ?? null;
}

/** Null: the `.proto` files have no method of that name. */
export function methodOf(service: string, name: string): DescribedMethod | null {
  return described(service)?.methods?.[name] ?? null;
}

/** For whoever wants objects of protobufjs' own: they take long to make. Throws on another name. */
export function messageType(name: string): protobuf.Type {
  root ??= protobuf.Root.fromJSON(descriptor);
  return root.lookupType(fullName(name));
}

function described(name: string): Described | undefined {
  const path = fullName(name).split(".");
  return path.reduce<Described | undefined>((outer, part) => outer?.nested?.[part], descriptor);
}

/** Of a type of ours or, with `google.` before it, of protobuf's own. */
function fullName(name: string): string {
  return name.startsWith("google.") ? name : `simswarm.v1.${name}`;
}
