import { WrongInput } from "./exit-codes.ts";

/** The value of a flag that takes a whole number from 1 on. @throws WrongInput */
export function wholeNumber(flag: string, text: string, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= most) return value;
  throw new WrongInput(`${flag} ${text}: write a whole number from 1 to ${most}`);
}
