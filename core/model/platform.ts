import type { Platform } from "./node.ts";

/** True when an image for `wanted` runs on `actual`; an empty field is a wildcard. */
export function runsOn(wanted: Platform, actual: Platform): boolean {
  const architecture = goName(wanted.architecture);
  return (
    (architecture === "" || architecture === goName(actual.architecture)) &&
    (wanted.os === "" || wanted.os === actual.os)
  );
}

/** The two architectures that the kernel and Go call differently (SwarmKit `PlatformFilter`). */
function goName(architecture: string): string {
  if (architecture === "x86_64") return "amd64";
  return architecture === "aarch64" ? "arm64" : architecture;
}
