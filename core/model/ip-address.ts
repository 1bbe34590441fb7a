/** An address in sixteen bytes: IPv4 as `::ffff:a.b.c.d`, as Go's package `net` has it. */
export type IpAddress = readonly number[];

/** The addresses whose first `prefix` bits (of 128) are those of `address`. */
export interface Subnet {
  readonly address: IpAddress;
  readonly prefix: number;
}

const mappedPrefix: IpAddress = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255];
const octet = /^(?:0|[1-9]\d{0,2})$/;
const hextet = /^[0-9a-f]{1,4}$/i;
const prefixLength = /^\d{1,3}$/;

/** Reads an IPv4 or IPv6 address as Go's `net.ParseIP` does; null when it is not one. */
export function parseAddress(text: string): IpAddress | null {
  return text.includes(":") ? parseSix(text) : parseFour(text);
}

/** Reads `address/bits` as Go's `net.ParseCIDR` does; null when it is not one. */
export function parseSubnet(text: string): Subnet | null {
  const [written = "", bits = "", ...more] = text.split("/");
  const address = parseAddress(written);
  if (address === null || more.length > 0 || !prefixLength.test(bits)) return null;
  const most = written.includes(":") ? 128 : 32;
  const length = Number(bits);
  return length > most ? null : { address, prefix: 128 - most + length };
}

/** An IPv4 address is in no subnet of IPv6, whatever its bits. */
export function isWithin({ address, prefix }: Subnet, candidate: IpAddress): boolean {
  if (isFour(address) !== isFour(candidate)) return false;
  return address.every((byte, at) => {
    const bits = Math.min(8, Math.max(0, prefix - at * 8));
    const mask = (0xff << (8 - bits)) & 0xff;
    return (byte & mask) === ((candidate[at] as number) & mask);
  });
}

/** True of `::ffff:a.b.c.d`. */
export function isFour(address: IpAddress): boolean {
  return mappedPrefix.every((byte, at) => address[at] === byte);
}

/** No leading zeros: some would read them as octal. */
function parseFour(text: string): IpAddress | null {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => octet.test(part))) return null;
  const bytes = parts.map(Number);
  return bytes.every((byte) => byte <= 255) ? [...mappedPrefix, ...bytes] : null;
}

function parseSix(text: string): IpAddress | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const parsed = halves.map((half, at) => parseGroups(half, at === halves.length - 1));
  const [head, tail] = parsed;
  if (head === null || head === undefined || tail === null) return null;
  if (tail === undefined) return head.length === 16 ? head : null;
  const missing = 16 - head.length - tail.length;
  return missing >= 2 ? [...head, ...Array.from({ length: missing }, () => 0), ...tail] : null;
}

/** The bytes of groups between colons; the last one of all may be an IPv4 address. */
function parseGroups(text: string, isLast: boolean): number[] | null {
  if (text === "") return [];
  const groups = text.split(":");
  const bytes: number[] = [];
  for (const [at, group] of groups.entries()) {
    const four = isLast && at === groups.length - 1 ? parseFour(group) : null;
    if (four !== null) bytes.push(...four.slice(12));
    else if (hextet.test(group))
      bytes.push(Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff);
    else return null;
  }
  return bytes;
}
