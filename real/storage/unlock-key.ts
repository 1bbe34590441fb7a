const prefix = "SWMKEY-1-";
const pattern = /^SWMKEY-1-([A-Za-z0-9+/]{43})$/;

/** An unlock key as SwarmKit writes it: 32 bytes in base 64 without padding. */
export function unlockKeyText(key: Uint8Array): string {
  return `${prefix}${Buffer.from(key).toString("base64").replace(/=+$/, "")}`;
}

/** The bytes of an unlock key. Throws a `TypeError` for a text that is not one. */
export function parseUnlockKey(text: string): Uint8Array {
  const [, digits] = pattern.exec(text.trim()) ?? [];
  if (digits !== undefined) return Buffer.from(digits, "base64");
  throw new TypeError(
    `this is no unlock key: it must look like ${prefix} and 43 characters, as ` +
      "`swarmctl cluster unlock-key` prints it",
  );
}
