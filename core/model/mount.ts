/** A directory that a container sees from outside itself. */
export interface Mount {
  /**
   * `bind` is a path of the node, `tmpfs` is memory, `volume` is one of each node's own engine,
   * `cluster` is a `Volume` of the cluster, which lives on one node, and `image` is what another
   * image holds.
   */
  readonly kind: "bind" | "tmpfs" | "volume" | "cluster" | "image";
  /** The path, the image, or the volume's name; empty for `tmpfs` and for an anonymous volume. */
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
  /** Of a `bind`: a path that is not there is made. */
  readonly createMountpoint: boolean;
  /** Of a `bind` that is read-only: what is mounted below it is not. */
  readonly readOnlyNonRecursive: boolean;
  /** Of a `bind` that is read-only: an error where what is mounted below it can't be. */
  readonly readOnlyForceRecursive: boolean;
  /** Of a `volume` or an `image`: the part of it that is mounted. */
  readonly subpath: string;
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
  /** Of a `tmpfs`: `exec` and the like, or `uid=1000`. */
  readonly tmpfsOptions: readonly string[];
}

/** True of a volume of the cluster. */
export function isOfCluster({ kind }: Mount): boolean {
  return kind === "cluster";
}

export const noMountOptions: MountOptions = {
  consistency: "",
  propagation: "",
  nonRecursive: false,
  createMountpoint: false,
  readOnlyNonRecursive: false,
  readOnlyForceRecursive: false,
  subpath: "",
  noCopy: false,
  labels: new Map(),
  driverOptions: new Map(),
  sizeBytes: 0,
  mode: 0,
  tmpfsOptions: [],
};
