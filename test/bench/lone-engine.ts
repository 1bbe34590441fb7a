import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ownEngine } from "../support/docker.ts";
import { Machines } from "../support/machines.ts";

/** A Docker engine on a machine of its own: nobody else's swarm is in its way. */
export class LoneEngine {
  readonly #machines = new Machines();
  readonly #folder = mkdtempSync(join(tmpdir(), "lone-engine-"));
  #running: ReturnType<typeof ownEngine> | null = null;

  /** Its address. */
  start(): string {
    this.#machines.add("engine");
    this.#running = ownEngine(join(this.#folder, "engine"), this.#machines.enter("engine"));
    return this.#running.address;
  }

  get pid(): number {
    return this.#running?.pid() ?? 0;
  }

  stop(): void {
    this.#running?.stop();
    this.#machines.remove();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
