import { createRequire } from "node:module";

const manifest = createRequire(import.meta.url)("simswarm/package.json") as {
  readonly version: string;
};

/** Of this package. */
export const ownVersion: string = manifest.version;
