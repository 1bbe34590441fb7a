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

/**
 * What a node has of one kind of generic resource (SwarmKit `GenericResource`): a number of things
 * that are all alike, or things with names, each of which only one task may have.
 */
export type GenericResource =
  | { readonly kind: "discrete"; readonly count: number }
  | { readonly kind: "named"; readonly ids: readonly string[] };
