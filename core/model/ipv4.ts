import { isFour, parseAddress, parseSubnet } from "./ip-address.ts";

/* IPv4 addresses as whole numbers, from 0 to 2^32 - 1. */

/** The addresses that begin with the same bits. */
export interface Block {
  /** The lowest of them: no bit behind the prefix is set. */
  readonly first: number;
  /** How many bits they share, 0 to 32. */
  readonly prefix: number;
}

/** Reads `10.0.0.0/8`; bits behind the prefix are left out. Null: it is no block of IPv4. */
export function parseBlock(text: string): Block | null {
  const subnet = parseSubnet(text);
  if (subnet === null || !isFour(subnet.address)) return null;
  const prefix = subnet.prefix - 96;
  const number = numberOf(subnet.address);
  return { first: number - (number % sizeOf(prefix)), prefix };
}

/** Null: it is no address of IPv4. */
export function parseIpv4(text: string): number | null {
  const address = parseAddress(text);
  return address === null || !isFour(address) ? null : numberOf(address);
}

/** How many addresses a block of that prefix has. */
function sizeOf(prefix: number): number {
  return prefix === 0 ? 0x1_0000_0000 : 0x8000_0000 >>> (prefix - 1);
}

export function lastOf({ first, prefix }: Block): number {
  return first + sizeOf(prefix) - 1;
}

export function overlaps(left: Block, right: Block): boolean {
  return left.first <= lastOf(right) && right.first <= lastOf(left);
}

/** The lowest block of that prefix in the pool that has nothing of those taken; null: none. */
export function freeBlock(pool: Block, prefix: number, taken: readonly Block[]): Block | null {
  const size = sizeOf(prefix);
  for (let first = pool.first; first + size - 1 <= lastOf(pool); ) {
    const candidate = { first, prefix };
    const clash = taken.find((block) => overlaps(block, candidate));
    if (clash === undefined) return candidate;
    first = (Math.floor(lastOf(clash) / size) + 1) * size;
  }
  return null;
}

/** `10.0.1.0/24` */
export function blockText({ first, prefix }: Block): string {
  return `${ipv4Text(first)}/${prefix}`;
}

/** `10.0.1.5` */
export function ipv4Text(address: number): string {
  return [24, 16, 8, 0].map((bits) => (address >>> bits) & 255).join(".");
}

function numberOf(address: readonly number[]): number {
  return address.slice(12).reduce((number, byte) => number * 256 + byte, 0);
}
