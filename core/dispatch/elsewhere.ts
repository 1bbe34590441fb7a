import type { Node } from "../model/node.ts";

/** True when tasks of the node may be reached otherwise than before, or not any more. */
export function isElsewhere(previous: Node | null, current: Node | null): boolean {
  return (
    previous?.description.address !== current?.description.address ||
    (previous?.status.state === "down") !== (current?.status.state === "down")
  );
}
