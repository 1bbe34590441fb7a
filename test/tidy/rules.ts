import { runtimeCycles, typeCycles } from "./cycles.ts";
import { directions } from "./directions.ts";
import { deadExports } from "./exports.ts";
import { bannedNames, moduleState, plantedBugs, stringify, twoSpreads } from "./names.ts";
import {
  barrels,
  defaultExports,
  fileLength,
  fileNames,
  functionLength,
  lineLength,
} from "./shape.ts";
import type { Rule } from "./source.ts";
import { lockfile, machinePaths } from "./texts.ts";

/** The rules of the house that a machine can check. */
export const rules: readonly Rule[] = [
  directions,
  runtimeCycles,
  typeCycles,
  bannedNames,
  stringify,
  moduleState,
  plantedBugs,
  twoSpreads,
  fileLength,
  lineLength,
  functionLength,
  fileNames,
  barrels,
  defaultExports,
  deadExports,
  lockfile,
  machinePaths,
];
