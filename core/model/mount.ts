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
}
