import { ApiError, type Route } from "./routes.ts";

export interface Found {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** Finds the route of a request: by its path as it is, and else by its parameters. */
export class Router {
  readonly #exact = new Map<string, Route>();
  /** By method and number of parts. */
  readonly #patterns = new Map<string, Pattern[]>();

  constructor(routes: readonly Route[]) {
    for (const route of routes) {
      const parts = route.path.split("/");
      if (!route.path.includes(":")) {
        this.#exact.set(`${route.method} ${route.path}`, route);
        continue;
      }
      const key = `${route.method} ${parts.length}`;
      this.#patterns.set(key, [...(this.#patterns.get(key) ?? []), { route, parts }]);
    }
  }

  /** Null when there is none. `path` is without version and query, as it was sent. */
  find(method: string, path: string): Found | null {
    const exact = this.#exact.get(`${method} ${path}`);
    if (exact !== undefined) return { route: exact, params: {} };
    const parts = path.split("/");
    for (const { route, parts: wanted } of this.#patterns.get(`${method} ${parts.length}`) ?? []) {
      const params = paramsOf(wanted, parts);
      if (params !== null) return { route, params };
    }
    return null;
  }
}

interface Pattern {
  readonly route: Route;
  readonly parts: readonly string[];
}

function paramsOf(
  wanted: readonly string[],
  parts: readonly string[],
): Readonly<Record<string, string>> | null {
  const params: Record<string, string> = {};
  for (const [at, part] of parts.entries()) {
    const want = wanted[at] ?? "";
    if (!want.startsWith(":")) {
      if (want !== part) return null;
    } else if (part === "") return null;
    else params[want.slice(1)] = decoded(part);
  }
  return params;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new ApiError(400, `'${part}' in the path is not encoded as a URL is`);
  }
}
