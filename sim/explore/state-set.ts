import { stateBits } from "./coverage.ts";

/** Fingerprints of states, one bit each: it takes as much room at first as in the end. */
export class StateSet {
  readonly bits = new Uint8Array(1 << (stateBits - 3));
  /** How many there are. */
  size = 0;

  /** False when it was there already. */
  add(state: number): boolean {
    const [byte, bit] = [state >> 3, 1 << (state & 7)];
    const before = this.bits[byte] as number;
    if ((before & bit) !== 0) return false;
    this.bits[byte] = before | bit;
    this.size += 1;
    return true;
  }
}
