/** An amount of compute. Whole numbers, so that sums do not depend on their order. */
export interface Resources {
  /** Billionths of a processor. */
  readonly nanoCpus: number;
  readonly memoryBytes: number;
}

export const noResources: Resources = { nanoCpus: 0, memoryBytes: 0 };

/** True when `wanted` fits into what `free` leaves. */
export function fits(wanted: Resources, free: Resources): boolean {
  return wanted.nanoCpus <= free.nanoCpus && wanted.memoryBytes <= free.memoryBytes;
}
