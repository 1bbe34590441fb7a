import { deflateSync, inflateSync } from "node:zlib";
import { stateBytes } from "../explore/findings.ts";

/** Which states were reached as text: base 64 of the deflated bits. */

export function packed(bits: Uint8Array): string {
  return deflateSync(bits).toString("base64");
}

/** The bits that `packed` was given; null for a text that it cannot have made. */
export function unpacked(text: string): Uint8Array | null {
  try {
    const bits = inflateSync(Buffer.from(text, "base64"), { maxOutputLength: stateBytes });
    return bits.length === stateBytes ? bits : null;
  } catch {
    return null;
  }
}

/** The states that are in any of these. */
export function union(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(stateBytes);
  for (const part of parts) {
    for (let at = 0; at < all.length; at += 1) {
      all[at] = (all[at] as number) | (part[at] as number);
    }
  }
  return all;
}

export function countBits(bits: Uint8Array): number {
  let count = 0;
  for (const byte of bits) for (let left = byte; left > 0; left &= left - 1) count += 1;
  return count;
}
