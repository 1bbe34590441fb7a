/**
 * Bugs planted on purpose, to prove that the checkers see them. The ids are those of the table in
 * `sim/planted.ts`, the only place that can make one active: `Planted` cannot be built elsewhere,
 * and the daemon's composition root always passes `noBug`.
 */
export type PlantedBug =
  | "R01"
  | "R02"
  | "R03"
  | "R04"
  | "R06"
  | "R07"
  | "R08"
  | "R09"
  | "R10"
  | "R12"
  | "R14"
  | "R16"
  | "R17"
  | "R18"
  | "R19"
  | "R20"
  | "R21"
  | "R22"
  | "R24"
  | "R25"
  | "R26"
  | "R28"
  | "R29"
  | "R32"
  | "R33"
  | "R34"
  | "R36"
  | "R37"
  | "R39"
  | "R42"
  | "O01"
  | "O05"
  | "O06"
  | "O10"
  | "S01"
  | "S02"
  | "S06"
  | "S11"
  | "X04"
  | "X05"
  | "C01"
  | "L01"
  | "L03"
  | "A01"
  | "K01"
  | "K02"
  | "K03"
  | "K04";

declare const brand: unique symbol;
/** Null in production, always. */
export type Planted = (PlantedBug & { readonly [brand]: "planted" }) | null;

export const noBug: Planted = null;
