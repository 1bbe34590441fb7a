import type { Breach, Rule, Source } from "./source.ts";

/** No file reaches itself through imports that remain when compiled. */
export const runtimeCycles: Rule = {
  name: "no import cycles",
  check: ({ sources }) => {
    const edges = edgesOf(sources).filter(({ typeOnly }) => !typeOnly);
    return cyclesThrough(edges, edges);
  },
};

/** Types may refer to one another within a folder, not across folders. */
export const typeCycles: Rule = {
  name: "no import cycles of types between folders",
  check: ({ sources }) => {
    const edges = edgesOf(sources);
    const crossing = edges.filter(({ from, to }) => folderOf(from) !== folderOf(to));
    return cyclesThrough(crossing, edges);
  },
};

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly line: number;
  readonly typeOnly: boolean;
}

function edgesOf(sources: readonly Source[]): Edge[] {
  return sources.flatMap(({ path, imports }) =>
    imports
      .filter(({ relative }) => relative)
      .map(({ target, line, typeOnly }) => ({ from: path, to: target, line, typeOnly })),
  );
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

/** For each of `suspects` the shortest way back to its start, each cycle once. */
function cyclesThrough(suspects: readonly Edge[], edges: readonly Edge[]): Breach[] {
  const targets = new Map<string, string[]>();
  for (const { from, to } of edges) targets.set(from, [...(targets.get(from) ?? []), to]);
  const reported = new Set<string>();
  return suspects.flatMap(({ from, to, line }) => {
    const back = shortestPath(to, from, (path) => targets.get(path) ?? []);
    const key = [...(back ?? [])].sort().join(" ");
    if (back === null || reported.has(key)) return [];
    reported.add(key);
    return [{ path: from, line, what: [from, ...back].join(" -> ") }];
  });
}

function shortestPath(
  start: string,
  end: string,
  next: (path: string) => readonly string[],
): string[] | null {
  const cameFrom = new Map<string, string | null>([[start, null]]);
  for (const path of cameFrom.keys()) {
    if (path === end) break;
    for (const target of next(path)) if (!cameFrom.has(target)) cameFrom.set(target, path);
  }
  if (!cameFrom.has(end)) return null;
  const way: string[] = [];
  for (let at: string | null = end; at !== null; at = cameFrom.get(at) ?? null) way.unshift(at);
  return way;
}
