import { isHostFile } from "./names.ts";
import { fileRule, type Import, type Rule } from "./source.ts";

/**
 * Who may import whom. A place is a folder of `core`, another top folder, or one of the two files
 * that have rights of their own.
 */

const foundation = ["core/base", "core/model", "core/raft", "core/store", "core/plan"];
const planners = [
  "core/agent",
  "core/ca",
  "core/control",
  "core/dispatch",
  "core/membership",
  "core/orchestrate",
  "core/schedule",
];
const machinery = [
  ...foundation,
  "core/wal",
  ...planners,
  "core/dispatch/message.ts",
  "core/observe",
  "core/manager",
];
const allOfCore = [...machinery, "core/node", "core/node/shell.ts", "core/ports"];

/** For each place the others it may import; its own files it always may. */
const mayImport = new Map<string, readonly string[]>([
  ["core/base", []],
  ["core/model", ["core/base"]],
  ["core/raft", ["core/base"]],
  ["core/wal", ["core/base", "core/raft"]],
  ["core/store", ["core/base", "core/model"]],
  ["core/plan", ["core/base", "core/model", "core/store"]],
  ["core/ports", [...machinery, "core/node"]],
  ...planners.map((planner) => [planner, foundation] as const),
  ["core/agent", [...foundation, "core/dispatch/message.ts"]],
  ["core/dispatch/message.ts", foundation],
  ["core/observe", [...foundation, ...planners]],
  ["core/manager", [...foundation, ...planners, "core/dispatch/message.ts", "core/observe"]],
  ["core/node", machinery],
  ["core/node/shell.ts", [...machinery, "core/node", "core/ports"]],
  ["sim", [...allOfCore, "tui/launch/view-process.ts"]],
  ["real", [...allOfCore, "tui/launch/view-process.ts"]],
  ["tui", ["core/base", "core/model", "core/observe", "tui/launch/view-process.ts"]],
  ["tui/launch/view-process.ts", []],
  ["tui/main.tsx", [...allOfCore, "tui", "sim", "real"]],
  ["scenarios", ["core/base"]],
  ["examples", []],
  ["test", [...allOfCore, "sim", "real", "tui", "tui/main.tsx", "scenarios", "examples"]],
]);

function placeOf(path: string): string {
  if (mayImport.has(path)) return path;
  const [top = "", second = ""] = path.split("/");
  return top === "core" ? `core/${second}` : top;
}

/** A file with rights of its own belongs to its folder all the same. */
function folderOf(place: string): string {
  return place.startsWith("core/") ? place.split("/").slice(0, 2).join("/") : place;
}

/** Import directions between the files of the repository. */
export const directions: Rule = fileRule(
  "imports follow the directions of the design",
  () => true,
  function* (source) {
    const from = placeOf(source.path);
    if (!mayImport.has(from)) yield { line: 1, what: `${from} has no place in the design` };
    for (const edge of source.imports) {
      const what = edge.relative ? insideBreach(from, edge) : packageBreach(source.path, edge);
      if (what !== null) yield { line: edge.line, what };
    }
  },
);

function insideBreach(from: string, { target, typeOnly }: Import): string | null {
  const to = placeOf(target);
  if (from === to || folderOf(from) === folderOf(to))
    return from === "scenarios" ? "a scenario stands alone" : null;
  if (!mayImport.get(from)?.includes(to)) return `${from} may not import ${to}`;
  if (from === "core/ports" && to !== "core/base" && !typeOnly) {
    return "core/ports holds interfaces: it may import types only";
  }
  return null;
}

function packageBreach(path: string, { target }: Import): string | null {
  const top = placeOf(path).split("/")[0];
  const own = target === "simswarm/scenario";
  if (top === "test" || top === "examples" || (top === "scenarios" && own)) return null;
  if (top === "core") return `core may not import the package ${target}`;
  if (top === "scenarios") return `a scenario may import simswarm/scenario only, not ${target}`;
  if (own) return "only scenarios import simswarm/scenario";
  const kernel = top === "sim" && !isHostFile(path);
  return kernel && target.startsWith("node:") ? `the simulator may not import ${target}` : null;
}
