/** A directory that a container sees from outside itself. */
export interface Mount {
  /**
   * `bind` is a path of the node, `tmpfs` is memory, `volume` is a volume that each node's engine
   * makes for itself, and `cluster` is a `Volume` of the cluster, which lives on one node.
   */
  readonly kind: "bind" | "tmpfs" | "volume" | "cluster";
  /** The path or the volume's name; empty for `tmpfs` and for an anonymous volume. */
  readonly source: string;
  /** The plugin that makes a `volume`; left out: `local`, which every engine has. */
  readonly driver?: string;
  /** The path in the container; unique among the container's mounts. */
  readonly target: string;
  readonly readOnly: boolean;
  /** Left out: as the engine does. */
  readonly options?: MountOptions;
}

/** How the engine mounts it; names are Docker's. Empty and 0 leave it to the engine. */
export interface MountOptions {
  /** `cached` and the like, which engines on Linux ignore. */
  readonly consistency: string;
  /** Of a `bind`: `rprivate`, `rslave` and the like. */
  readonly propagation: string;
  /** Of a `bind`: without what is mounted below it. */
  readonly nonRecursive: boolean;
  /** Of a `volume`: a new one stays empty, whatever the image has at the path. */
  readonly noCopy: boolean;
  /** Of a `volume` that is new. */
  readonly labels: ReadonlyMap<string, string>;
  /** For the plugin that makes a `volume`. */
  readonly driverOptions: ReadonlyMap<string, string>;
  /** Of a `tmpfs`. */
  readonly sizeBytes: number;
  /** Of a `tmpfs`: permission bits. */
  readonly mode: number;
}

export const noMountOptions: MountOptions = {
  consistency: "",
  propagation: "",
  nonRecursive: false,
  noCopy: false,
  labels: new Map(),
  driverOptions: new Map(),
  sizeBytes: 0,
  mode: 0,
};
