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

/** The text in UTF-8, a character for each byte. */
export function utf8Bytes(text: string): string {
  const sound = text.replace(/[\ud800-\udfff]/gu, "\ufffd");
  return encodeURIComponent(sound).replace(/%([0-9A-F]{2})/g, (_, code: string) => {
    return String.fromCharCode(Number.parseInt(code, 16));
  });
}
