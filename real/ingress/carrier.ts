import type { Backend } from "../../core/model/ingress.ts";
import type { Budget } from "./budget.ts";
import type { Traffic } from "./traffic.ts";

/** What a carrier is told when it is made. */
export interface CarrierOptions {
  readonly port: number;
  /** The address to listen on; null: all of this machine's. */
  readonly host: string | null;
  /** Of connections, with all other carriers. */
  readonly budget: Budget;
  /** Of all carriers. */
  readonly traffic: Traffic;
  /** Told that a client was turned away as the budget is used up. */
  readonly full: () => void;
}

/** Listens on one published port, and carries what comes to one of its backends. */
export interface Carrier {
  /** Rejects with the system's error when the port can't be had; may be called again then. */
  bind(): Promise<void>;
  /** Where new connections go from now on. */
  lead(backends: readonly Backend[]): void;
  /** Listens no more; connections that are there go on. */
  close(): void;
}
