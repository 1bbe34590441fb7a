const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** What `data` says in base 64, a character for each byte: as Latin 1 would be read. */
export function bytesOfBase64(data: string): string {
  let bytes = "";
  let bits = 0;
  let held = 0;
  for (const letter of data) {
    if (letter === "=") break;
    bits = ((bits << 6) | alphabet.indexOf(letter)) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes += String.fromCharCode((bits >> held) & 0xff);
  }
  return bytes;
}

/** `bytes` in base 64, given as a character for each. */
export function base64OfBytes(bytes: string): string {
  let data = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at;
    const bits =
      (bytes.charCodeAt(at) << 16) |
      ((left > 1 ? bytes.charCodeAt(at + 1) : 0) << 8) |
      (left > 2 ? bytes.charCodeAt(at + 2) : 0);
    for (let part = 0; part < 4; part += 1) {
      data += part > left ? "=" : alphabet.charAt((bits >> (18 - 6 * part)) & 0x3f);
    }
  }
  return data;
}

const asTheyAre = /([\udc80-\udcff])/u;
/** A letter as the Unicode Standard, table 3-7, has it; or a byte that belongs to none. */
const beyondAscii = new RegExp(
  "([\\xc2-\\xdf][\\x80-\\xbf]" +
    "|(?:\\xe0[\\xa0-\\xbf]|\\xed[\\x80-\\x9f]|[\\xe1-\\xec\\xee\\xef][\\x80-\\xbf])[\\x80-\\xbf]" +
    "|(?:\\xf0[\\x90-\\xbf]|\\xf4[\\x80-\\x8f]|[\\xf1-\\xf3][\\x80-\\xbf])[\\x80-\\xbf]{2})" +
    "|[\\x80-\\xff]",
  "g",
);

/**
 * The text in UTF-8, a character for each byte. U+DC80 to U+DCFF, where no letter is, stand for
 * bytes 0x80 to 0xff as they are; other halves of surrogate pairs become U+FFFD.
 */
export function utf8Bytes(text: string): string {
  const parts = text.split(asTheyAre);
  return parts.map((part, at) => (at % 2 === 0 ? encoded(part) : byteOf(part))).join("");
}

/** The text that has these bytes in UTF-8, see `utf8Bytes`: what is no letter stays as it is. */
export function textOfUtf8(bytes: string): string {
  return bytes.replace(beyondAscii, (all, letter: string | undefined) => {
    if (letter === undefined) return String.fromCharCode(0xdc00 + all.charCodeAt(0));
    const codes = [...letter].map((byte) => `%${byte.charCodeAt(0).toString(16)}`);
    return decodeURIComponent(codes.join(""));
  });
}

function byteOf(part: string): string {
  return String.fromCharCode(part.charCodeAt(0) & 0xff);
}

function encoded(text: string): string {
  const sound = text.replace(/[\ud800-\udfff]/gu, "\ufffd");
  return encodeURIComponent(sound).replace(/%([0-9A-F]{2})/g, (_, code: string) => {
    return String.fromCharCode(Number.parseInt(code, 16));
  });
}
