import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";

const files = [
  "objects",
  "store",
  "certificate",
  "raft",
  "dispatch",
  "control",
  "logs",
  "node",
  "services",
];

/** All message types of `real/wire/proto`. */
export const protoRoot: protobuf.Root = new protobuf.Root();
protoRoot.loadSync(
  files.map((name) => fileURLToPath(new URL(`proto/${name}.proto`, import.meta.url))),
);

/** The message type of that name, of ours or, with `google.` before it, of protobuf's own. */
export function messageType(name: string): protobuf.Type {
  return protoRoot.lookupType(name.startsWith("google.") ? name : `simswarm.v1.${name}`);
}
