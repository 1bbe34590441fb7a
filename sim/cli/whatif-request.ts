import { sortedText } from "../../core/base/order.ts";
import type { ExportedCluster, ExportedNode } from "../../core/observe/exported-cluster.ts";
import { isUp, type MachineNames } from "../whatif/machine-names.ts";
import type { Loss } from "../whatif/plan-of-cluster.ts";
import { nodesMeant } from "../whatif/who.ts";
import { WrongInput } from "./exit-codes.ts";
import { microseconds, wholeNumber } from "./flag-values.ts";

/** The flags of `sim whatif` as the command line has them. */
export interface WhatifFlags {
  readonly lose?: readonly string[];
  readonly cut?: readonly string[];
  readonly back?: string;
  readonly watch?: string;
  readonly seeds?: string;
  readonly out?: string;
  readonly json?: boolean;
}

/** What `sim whatif` was asked for. */
export interface WhatifRequest {
  /** One; or, where nobody was named, one for each machine that is up. */
  readonly losses: readonly Loss[];
  /** True where nobody was named. */
  readonly isEach: boolean;
  readonly seeds: number;
  /** The file for the scenario, in place of an answer. */
  readonly out: string | null;
  readonly json: boolean;
}

const seedsDefault = 3;
/** Of each of many nodes. */
const seedsOfEach = 1;
const watchDefault = "10m";
const watchMost = 8_000 * 3_600_000_000;

/** Makes sense of the flags. @throws WrongInput */
export function whatifRequest(
  cluster: ExportedCluster,
  names: MachineNames,
  flags: WhatifFlags,
): WhatifRequest {
  const lost = namesMeant(cluster, names, "--lose", flags.lose ?? []);
  const cut = namesMeant(cluster, names, "--cut", flags.cut ?? []);
  const both = lost.find((name) => cut.includes(name));
  if (both !== undefined) throw new WrongInput(`${both} is lost and cut off: name it once`);
  const isEach = lost.length + cut.length === 0;
  const watched = microseconds("--watch", flags.watch ?? watchDefault);
  if (watched > watchMost) {
    throw new WrongInput(`--watch ${flags.watch}: a run simulates hours, or days; 8000h at most`);
  }
  const backAfter = flags.back === undefined ? null : microseconds("--back", flags.back);
  if (isEach && flags.out !== undefined) {
    throw new WrongInput("--out writes one scenario: say who is lost, with --lose or --cut");
  }
  if (backAfter !== null && backAfter >= watched) {
    throw new WrongInput(`--back ${flags.back}: it is over by then; --watch looks on for longer`);
  }
  const each = { backAfter, watched };
  const up = cluster.nodes.filter(isUp).map((node) => names.of(node));
  return {
    losses: isEach
      ? sortedText(up).map((name) => ({ lost: [name], cut: [], ...each }))
      : [{ lost, cut, ...each }],
    isEach,
    seeds: seedsOf(flags, isEach ? seedsOfEach : seedsDefault),
    out: flags.out ?? null,
    json: flags.json ?? false,
  };
}

function seedsOf({ seeds }: WhatifFlags, otherwise: number): number {
  return seeds === undefined ? otherwise : wholeNumber("--seeds", seeds, 10_000);
}

function namesMeant(
  cluster: ExportedCluster,
  names: MachineNames,
  flag: string,
  words: readonly string[],
): string[] {
  const meant = words.flatMap((word): readonly ExportedNode[] => {
    const found = nodesMeant(cluster, word);
    if (found.length > 0) return found;
    const known = cluster.nodes.map(({ hostname }) => hostname).join(", ");
    throw new WrongInput(`${flag} '${word}': that is no node of this cluster, which has ${known}`);
  });
  const up = [...new Set(meant)].filter(isUp);
  if (meant.length > 0 && up.length === 0) {
    throw new WrongInput(`${flag} ${words.join(" ")}: down already when the cluster was exported`);
  }
  return up.map((node) => names.of(node));
}
