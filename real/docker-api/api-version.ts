import { ApiError } from "./routes.ts";

/** Versions of Docker's Engine API that are spoken here: Docker 20.10 up to 28. */
export const apiVersion = { min: "1.41", max: "1.51" } as const;

/** Takes the version off a path. Throws Docker's own refusal of one that is not spoken here. */
export function versionedPath(path: string): { readonly version: string; readonly path: string } {
  const found = /^\/v(\d+\.\d+)(\/.*)$/.exec(path);
  const version = found?.[1] ?? apiVersion.max;
  if (isOlder(version, apiVersion.min)) {
    throw new ApiError(
      400,
      `client version ${version} is too old. Minimum supported API version is ` +
        `${apiVersion.min}, please upgrade your client to a newer version`,
    );
  }
  if (isOlder(apiVersion.max, version)) {
    throw new ApiError(
      400,
      `client version ${version} is too new. Maximum supported API version is ${apiVersion.max}`,
    );
  }
  return { version, path: found?.[2] ?? path };
}

/** True when version `left` came before version `right`; both are such as `1.41`. */
export function isOlder(left: string, right: string): boolean {
  return ordinal(left) < ordinal(right);
}

function ordinal(version: string): number {
  const dot = version.indexOf(".");
  return 1_000_000 * Number(version.slice(0, dot)) + Number(version.slice(dot + 1));
}
