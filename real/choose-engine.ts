import { existsSync } from "node:fs";
import { defaultSocket } from "./docker/client.ts";
import { DockerEngine, type DockerOptions } from "./docker/docker-engine.ts";
import type { Engine } from "./engine.ts";
import { ProcessEngine, type ProcessOptions } from "./process/process-engine.ts";

export interface EngineOptions extends Omit<DockerOptions, "address">, ProcessOptions {
  /** Of a Docker engine; null: whatever there is. */
  readonly address: string | null;
}

/**
 * What runs this node's containers: the Docker engine that was named, and without a name the one
 * at the usual place, or plain processes where there is none. An engine may answer later:
 * `Engine.existing` says so when it does not. Throws a `TypeError` for what is not an address.
 */
export function chooseEngine({ address: named, ...options }: EngineOptions): Engine {
  const address = engineAddress(named);
  return address === null ? new ProcessEngine(options) : new DockerEngine({ ...options, address });
}

/**
 * Where the engine is that `chooseEngine` would choose; null: there is none. A socket is enough: an
 * engine that is down, or lets this user not in, must not have its services run without containers.
 */
export function engineAddress(named: string | null, socket = defaultSocket): string | null {
  return named ?? (existsSync(socket) ? `unix://${socket}` : null);
}
