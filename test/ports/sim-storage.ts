import { noBug } from "../../core/base/planted.ts";
import type { Durable, StorageWrite } from "../../core/node/durable.ts";
import { Kernel } from "../../sim/kernel.ts";
import { SimDisk } from "../../sim/ports/disk.ts";
import { Platter } from "../../sim/ports/platter.ts";
import { random } from "../support/store.ts";
import { runOut } from "../support/world.ts";
import type { StorageHarness, StorageRig } from "./storage-suite.ts";

let seed = 0;

/** A disk of the simulator. */
export const simStorage: StorageHarness = {
  name: "the simulated disk",
  setUp: async () => undefined,
  open: async () => new SimStorageRig(),
  tearDown: async () => undefined,
};

class SimStorageRig implements StorageRig {
  readonly acknowledged: number[] = [];
  readonly #kernel = new Kernel();
  readonly #disk: SimDisk;

  constructor() {
    seed += 1;
    const platter = new Platter(random(seed), noBug);
    const done = (number: number) => this.acknowledged.push(number);
    this.#disk = new SimDisk(this.#kernel, 0, random(seed), platter, {
      durable: () => undefined,
      written: done,
    });
  }

  write(write: StorageWrite): void {
    this.#disk.write(write);
  }

  async settle(): Promise<void> {
    runOut(this.#kernel);
  }

  async crash(): Promise<Durable> {
    this.#disk.crash();
    const found = this.#disk.boot();
    if (found.kind === "refused") throw new Error(found.reason);
    return found.durable;
  }

  async close(): Promise<void> {
    return;
  }
}
