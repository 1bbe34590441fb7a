import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { createSecureContext } from "node:tls";
import { ChannelCredentials } from "@grpc/grpc-js";
import { ControlClient } from "../api/control-client.ts";
import { addressOf } from "../command-line/units.ts";
import { bytesIn } from "../text-file.ts";
import { contextNamed, contextsPath, type Endpoint, readContexts } from "./contexts.ts";

/** How long a manager may take to be started again: nobody waits longer where none ever answers. */
const absenceMs = 3_000;

/** How a command line says which cluster is meant. */
export interface EndpointOptions {
  readonly socket?: string;
  readonly context?: string;
  readonly identity?: string;
}

/** A client of the manager that is reached so. Throws where its identity is missing. */
export function clientOf(endpoint: Endpoint, patienceMs: number): ControlClient {
  return new ControlClient(targetOf(endpoint), credentialsOf(endpoint), patienceMs, absenceMs);
}

/** Where the cluster is that the options mean. Throws when they name an unknown context. */
export function endpointOf(
  { socket, context, identity }: EndpointOptions,
  env: NodeJS.ProcessEnv,
): Endpoint {
  const own = identity === undefined ? {} : { identity };
  if (socket === "") throw new Error("--socket is empty: write a path, or host:port");
  if (socket !== undefined) return { address: socket, ...own };
  if (env.SWARM_SOCKET && context === undefined) return { address: env.SWARM_SOCKET, ...own };
  const contexts = readContexts(contextsPath(env));
  const name = context ?? (env.SWARM_CONTEXT || contexts.current);
  if (name === undefined) return { address: "unix:///var/run/swarmd.sock" };
  return { ...contextNamed(contexts, name), ...own };
}

/** As gRPC has it: a path, or what is a file, is a socket. Throws where it is no host and port. */
export function targetOf({ address }: Endpoint): string {
  if (address.startsWith("unix:")) return address;
  if (address.includes("/") || existsSync(address)) return `unix://${resolve(address)}`;
  return addressOf(address);
}

function credentialsOf(endpoint: Endpoint): ChannelCredentials {
  const address = targetOf(endpoint);
  if (address.startsWith("unix:")) return ChannelCredentials.createInsecure();
  if (endpoint.identity === undefined) {
    throw new Error(
      `${address} takes only those that show a manager's certificate: name its folder with ` +
        "--identity, such as /var/lib/swarmd/certificates, or use the node's own socket.",
    );
  }
  const own = bytesIn(join(endpoint.identity, "swarm-node.pem"));
  if (own.includes("ENCRYPTED PRIVATE KEY")) {
    throw new Error(
      `the key in ${endpoint.identity} is sealed, for the managers are locked: use the node's ` +
        "own socket, which --socket names.",
    );
  }
  const ca = bytesIn(join(endpoint.identity, "swarm-root-ca.crt"));
  const context = createSecureContext({ ca, key: own, cert: own, minVersion: "TLSv1.3" });
  const checkServerIdentity = () => undefined;
  return ChannelCredentials.createFromSecureContext(context, { checkServerIdentity });
}
