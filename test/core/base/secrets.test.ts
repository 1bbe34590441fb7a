import { expect, test } from "vitest";
import { chacha20Block, Secrets } from "../../../core/base/secrets.ts";
import { secrets } from "../../support/store.ts";

// Goal: secrets are what ChaCha20 gives, which nobody can foretell who does not know the seed.

/** Words of the bytes in `hex`, lowest byte first. */
function words(hex: string): number[] {
  const bytes = Buffer.from(hex.replace(/\s/g, ""), "hex");
  return Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readUInt32LE(4 * at));
}

test("chacha20Block() is that of RFC 8439, 2.3.2", () => {
  const key = words("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
  const nonce = words("000000090000004a00000000");
  const block = words(
    `10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e
     d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e`,
  );
  expect([...chacha20Block([...key, 1, ...nonce])]).toEqual(block);
});

test("a draw is one half of a block, and the other half is the key of the next", () => {
  const drawn = new Secrets([0, 0, 0, 0, 0, 0, 0, 0]).draw();
  const second = words("da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586");
  expect(drawn).toBe(second.reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n));
});

test("the same seed draws the same, another seed and the next draw something else", () => {
  const draws = [secrets(), secrets(), secrets(2)].map((each) => [each.draw(), each.draw()]);
  expect(draws[0]).toEqual(draws[1]);
  expect(new Set(draws.slice(1).flat()).size).toBe(4);
});
