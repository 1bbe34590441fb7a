import { pino } from "pino";
import { Overlays } from "../../real/overlay/overlays.ts";

/** Of a node that is told of none by anybody but the test. */
export function newOverlays(): Overlays {
  return new Overlays(pino({ level: "silent" }));
}
