import { type Findings, joined, parseFindings } from "../explore/findings.ts";
import { exitCodes, WrongInput } from "./exit-codes.ts";
import { findingsText, hasPassed } from "./findings-report.ts";
import { textOf } from "./in-file.ts";
import { outputColours, print } from "./output.ts";
import { countBits, packed, union, unpacked } from "./state-bits.ts";

/** `sim merge`: joins what shards of one exploration have found. @throws WrongInput */
export function mergeCommand(files: readonly string[], flags: { json?: boolean }): number {
  const parts = files.map(findingsIn);
  const bits = union(parts.map(({ states }, at) => bitsIn(files[at] ?? "", states)));
  const all = joined(parts, packed(bits));
  if ("wrong" in all) throw new WrongInput(`${files.join(" ")}: ${all.wrong}`);
  const colours = outputColours();
  print(flags.json ? `${JSON.stringify(all)}\n` : findingsText(all, countBits(bits), colours));
  return hasPassed(all) ? exitCodes.passed : exitCodes.failed;
}

function findingsIn(file: string): Findings {
  const found = parseFindings(textOf(file));
  if ("wrong" in found) throw new WrongInput(`${file}: ${found.wrong}`);
  return found;
}

function bitsIn(file: string, states: string): Uint8Array {
  const bits = unpacked(states);
  if (bits === null) throw new WrongInput(`${file}: its states are not what sim explore writes`);
  return bits;
}
