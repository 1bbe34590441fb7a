import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** What was dropped may wait for a collection, and is no growth. */
export function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
}
