import { answers, defaultAddress } from "./docker/client.ts";
import { DockerEngine, type DockerOptions } from "./docker/docker-engine.ts";
import type { Engine } from "./engine.ts";
import { ProcessEngine, type ProcessOptions } from "./process/process-engine.ts";

export interface EngineOptions extends Omit<DockerOptions, "address">, ProcessOptions {
  /** Of a Docker engine; null: whatever there is. */
  readonly address: string | null;
}

/**
 * What runs this node's containers: the Docker engine that was named, and without a name the one
 * at the usual place, or plain processes where none answers. One that was named may answer later:
 * `Engine.existing` says so when it does not. Throws a `TypeError` for what is not an address.
 */
export async function chooseEngine({ address: named, ...options }: EngineOptions): Promise<Engine> {
  const address = await engineAddress(named);
  return address === null ? new ProcessEngine(options) : new DockerEngine({ ...options, address });
}

/** Where the engine is that `chooseEngine` would choose; null: there is none. */
export async function engineAddress(named: string | null): Promise<string | null> {
  return named ?? ((await answers(defaultAddress)) ? defaultAddress : null);
}
