import fc from "fast-check";
import { expect, test } from "vitest";
import { newToken, newTokens, parseToken, roleOfToken } from "../../../core/model/join-token.ts";
import { secrets } from "../../support/store.ts";

const word = fc.integer({ min: 0, max: 0xffff_ffff });
const digest = fc.stringMatching(/^[0-9a-z]{50}$/);

test("a token that was made is read back, whatever the root and the secret", () => {
  fc.assert(
    fc.property(digest, word, (root, seed) => {
      const token = newToken(root, secrets(seed));
      const parsed = parseToken(token);
      expect(parsed?.digest).toBe(root);
      expect(token).toBe(`SWMTKN-1-${root}-${parsed?.secret}`);
      expect(parsed?.secret).toHaveLength(25);
    }),
  );
});

test.each([
  "",
  "SWMTKN-1-abc-def",
  `SWMTKN-2-${"a".repeat(50)}-${"b".repeat(25)}`,
  `SWMTKN-1-${"A".repeat(50)}-${"b".repeat(25)}`,
  `SWMTKN-1-${"a".repeat(50)}-${"b".repeat(26)}`,
])("%j is no token", (text) => {
  expect(parseToken(text)).toBeNull();
});

test("each token gives its own role, and a text that differs anywhere gives none", () => {
  fc.assert(
    fc.property(digest, word, fc.nat(83), (root, seed, at) => {
      const tokens = newTokens(root, secrets(seed));
      expect(roleOfToken(tokens, tokens.worker)).toBe("worker");
      expect(roleOfToken(tokens, tokens.manager)).toBe("manager");
      const wrong = `${tokens.manager.slice(0, at)}!${tokens.manager.slice(at + 1)}`;
      expect(roleOfToken(tokens, wrong)).toBeNull();
      expect(roleOfToken(tokens, tokens.manager.slice(0, at))).toBeNull();
      expect(roleOfToken(tokens, `${tokens.worker}0`)).toBeNull();
    }),
  );
});
