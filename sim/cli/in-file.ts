import { readFileSync } from "node:fs";
import { WrongInput } from "./exit-codes.ts";
import { reasonOf } from "./out-file.ts";

/** What is in a file that the user named. @throws WrongInput */
export function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new WrongInput(`${file}: ${whyNot(error as NodeJS.ErrnoException)}`);
  }
}

function whyNot(error: NodeJS.ErrnoException): string {
  if (error.code === "ENOENT") return "there is no such file";
  return error.code === "EACCES" ? "it may not be read" : reasonOf(error);
}
