import type { Platform } from "./node.ts";

/** What `uname` calls them, as the Go toolchain does. */
const architectures = new Map([
  ["x86_64", "amd64"],
  ["aarch64", "arm64"],
]);

/**
 * True when one of `platforms` is the node's; an empty list is any (SwarmKit `PlatformFilter`). An
 * empty field is a wildcard.
 */
export function meetsPlatforms(node: Platform, platforms: readonly Platform[]): boolean {
  return platforms.length === 0 || platforms.some((each) => isSame(each, node));
}

function isSame(wanted: Platform, node: Platform): boolean {
  const os = wanted.os === "" || wanted.os.toLowerCase() === node.os.toLowerCase();
  const architecture = canonical(wanted.architecture);
  return os && (architecture === "" || architecture === canonical(node.architecture));
}

function canonical(architecture: string): string {
  const lower = architecture.toLowerCase();
  return architectures.get(lower) ?? lower;
}
