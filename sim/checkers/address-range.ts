/** Addresses of IPv4 as whole numbers, both ends among them. */
export interface AddressRange {
  readonly first: number;
  readonly last: number;
}

/** First and last address of an IPv4 block such as `10.0.0.0/8`; null: it is not one. */
export function addressRange(block: string): AddressRange | null {
  const [, text = "", bits = ""] = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(block) ?? [];
  const bytes = text.split(".").map(Number);
  if (bits === "" || Number(bits) > 32 || bytes.some((byte) => byte > 255)) return null;
  const address = bytes.reduce((number, byte) => number * 256 + byte, 0);
  let size = 1;
  for (let bit = Number(bits); bit < 32; bit += 1) size *= 2;
  const first = Math.floor(address / size) * size;
  return { first, last: first + size - 1 };
}
