import type { Meta } from "./meta.ts";

/**
 * A named volume of the cluster. It comes into being on the node of the first task that mounts it,
 * and from then on every task that does goes to that node.
 */
export interface Volume {
  readonly kind: "volume";
  readonly id: string;
  readonly meta: Meta;
  readonly spec: VolumeSpec;
  /** Where its content is; null before it was ever mounted. Written only by the scheduler. */
  readonly nodeId: string | null;
}

export interface VolumeSpec {
  /** Unique in the cluster. */
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  /** The volume driver that the node must have; `local` is everywhere. */
  readonly driver: string;
  /** Active can be mounted; with pause or drain no new task may, and drain stops those that do. */
  readonly availability: "active" | "pause" | "drain";
}
