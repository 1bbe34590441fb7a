import type { Random } from "./random.ts";

/** What a node draws from: `random` where anybody may foretell it, `secrets` where nobody may. */
export interface Chance {
  readonly random: Random;
  readonly secrets: Secrets;
}

/** Eight 32-bit words that start a `Secrets`: nobody may know them. */
export type SecretSeed = readonly [number, number, number, number, number, number, number, number];

/** "expand 32-byte k" in words: the constants of RFC 8439, 2.3. */
const constants = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574] as const;
const rounds = 10;

/** The columns and diagonals of one double round (RFC 8439, 2.3.1). */
const quarters = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
] as const;

/**
 * What tokens and keys are drawn from. `Random` would not do: who has seen a little of that knows
 * the rest. Here each draw is one block of ChaCha20, of which one half is drawn and the other is
 * the key of the next: from any of them neither those before nor those after can be told. So one
 * seed from the operating system serves for the life of a node, and the same seed draws the same.
 */
export class Secrets {
  #key: Uint32Array;

  constructor(seed: SecretSeed) {
    this.#key = Uint32Array.from(seed);
  }

  /** 256 bits, the first word's the lowest. */
  draw(): bigint {
    const block = chacha20Block([...this.#key, 0, 0, 0, 0]);
    this.#key = block.slice(0, 8);
    return block.slice(8).reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n);
  }
}

/** ChaCha20's block function (RFC 8439, 2.3): of key, counter and nonce, twelve words. */
export function chacha20Block(input: readonly number[]): Uint32Array {
  const start = Uint32Array.from([...constants, ...input]);
  const state = start.slice();
  for (let round = 0; round < rounds; round += 1) {
    for (const quarter of quarters) quarterRound(state, quarter);
  }
  return state.map((word, at) => word + (start[at] as number));
}

function quarterRound(state: Uint32Array, [a, b, c, d]: (typeof quarters)[number]): void {
  mix(state, a, b, d, 16);
  mix(state, c, d, b, 12);
  mix(state, a, b, d, 8);
  mix(state, c, d, b, 7);
}

/** `x += y; z ^= x; z <<<= bits`, in words of 32 bits. */
function mix(state: Uint32Array, x: number, y: number, z: number, bits: number): void {
  state[x] = (state[x] as number) + (state[y] as number);
  const mixed = (state[z] as number) ^ (state[x] as number);
  state[z] = (mixed << bits) | (mixed >>> (32 - bits));
}
