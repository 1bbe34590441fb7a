import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { createSecureContext } from "node:tls";
import { ChannelCredentials } from "@grpc/grpc-js";
import type { QueryResult } from "../../core/control/command.ts";
import type { Task } from "../../core/model/task.ts";
import { ControlClient } from "../api/control-client.ts";
import { LocalClient } from "../api/local-client.ts";
import { bytesIn } from "../text-file.ts";
import type { Readable } from "../wire/readable.ts";
import { contextsPath, type Endpoint, readContexts } from "./contexts.ts";
import type { Columns, Format } from "./output.ts";
import { document, table } from "./output.ts";
import { readableObject } from "./readable-object.ts";
import { durationOf } from "./units.ts";

/** So long a manager may take to be started again; where none ever answers, nobody waits longer. */
const absenceMs = 3_000;

/** What the program is run in. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** True when what is printed can be overwritten. */
  readonly isTerminal: boolean;
  readonly now: () => number;
}

/** The options that every command has. */
export interface GlobalOptions {
  readonly socket?: string;
  readonly context?: string;
  readonly identity?: string;
  readonly format: Format;
  readonly timeout: string;
  readonly resolve: boolean;
}

type Objects = QueryResult;

/** One run of one command: the cluster that it is about, and how it prints. */
export class Session {
  readonly client: ControlClient;
  readonly surroundings: Surroundings;
  /** False where the ids of nodes are to be shown in the place of their names. */
  readonly showsNames: boolean;
  readonly #format: Format;
  readonly #address: string;

  constructor(options: GlobalOptions, surroundings: Surroundings) {
    this.surroundings = surroundings;
    this.#format = options.format;
    this.showsNames = options.resolve;
    const endpoint = endpointOf(options, surroundings.env);
    this.#address = addressOf(endpoint);
    this.client = clientOf(endpoint, durationOf(options.timeout) / 1000);
  }

  /** Does what a node does on its own socket only. */
  async local<T>(action: (node: LocalClient) => Promise<T>): Promise<T> {
    if (!this.#address.startsWith("unix:")) {
      throw new Error(`this is done on the node's own socket only, not at ${this.#address}`);
    }
    const node = new LocalClient(this.#address);
    return action(node).finally(() => node.close());
  }

  /** Where other nodes reach the manager that is asked: host and port. */
  async managerAddress(): Promise<string> {
    if (!this.#address.startsWith("unix:")) return this.#address;
    return (await this.local((node) => node.info())).address;
  }

  print(text: string): void {
    this.surroundings.out(text);
  }

  /** One of many things that come one after the other: as a line, or whole. */
  item(line: string, content: () => Readable): void {
    if (this.#format === "table") this.print(`${line}\n`);
    else if (this.#format === "json") this.print(`${JSON.stringify(content())}\n`);
    else this.print(`---\n${document(content(), "yaml")}`);
  }

  /** Objects as a table, or whole; `quiet`: what stands in the first column, alone. */
  list<T extends Objects[number]>(columns: Columns<T>, objects: readonly T[], quiet = false): void {
    const [, id] = columns[0] as Columns<T>[number];
    if (quiet) this.print(objects.map((object) => `${id(object)}\n`).join(""));
    else if (this.#format === "table") this.print(table(columns, objects));
    else this.print(document(objects.map(readableObject), this.#format));
  }

  /** One object, whole; with its tasks, if they are given. */
  show(object: Objects[number], tasks?: readonly Task[]): void {
    const format = this.#format === "table" ? "yaml" : this.#format;
    const shown = readableObject(object) as { readonly [name: string]: Readable };
    const whole = tasks === undefined ? shown : { ...shown, tasks: tasks.map(readableObject) };
    this.print(document(whole, format));
  }
}

/** A client of the manager that is reached so. Throws where its identity is missing. */
export function clientOf(endpoint: Endpoint, patienceMs: number): ControlClient {
  return new ControlClient(addressOf(endpoint), credentialsOf(endpoint), patienceMs, absenceMs);
}

/** Where the cluster is that the options mean. Throws when they name an unknown context. */
export function endpointOf(
  { socket, context, identity }: Pick<GlobalOptions, "socket" | "context" | "identity">,
  env: NodeJS.ProcessEnv,
): Endpoint {
  const own = identity === undefined ? {} : { identity };
  if (socket === "") throw new Error("--socket is empty: write a path, or host:port");
  if (socket !== undefined) return { address: socket, ...own };
  const contexts = readContexts(contextsPath(env));
  const name = context ?? (env.SWARM_CONTEXT || contexts.current);
  if (env.SWARM_SOCKET && context === undefined) return { address: env.SWARM_SOCKET, ...own };
  if (name === undefined) return { address: "unix:///var/run/swarmd.sock" };
  const found = contexts.contexts[name];
  if (found !== undefined) return { ...found, ...own };
  const known = Object.keys(contexts.contexts).join(", ") || "none";
  throw new Error(
    `there is no context '${name}', but: ${known}. Add it with 'swarmctl context add'.`,
  );
}

/** A path, or what is a file, is a socket; anything else is host and port. */
function addressOf({ address }: Endpoint): string {
  const isPath = !address.startsWith("unix:") && (address.includes("/") || existsSync(address));
  return isPath ? `unix://${resolve(address)}` : address;
}

function credentialsOf(endpoint: Endpoint): ChannelCredentials {
  const address = addressOf(endpoint);
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
