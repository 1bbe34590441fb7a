import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { WrongInput } from "./exit-codes.ts";
import { writeFailure } from "./out-file.ts";

/** What is in a file that the user named. @throws WrongInput */
export function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw unreadable(file, error);
  }
}

const bytesAtOnce = 1 << 16;

/** The lines of a file that may be larger than the memory. @throws WrongInput */
export function* linesIn(file: string): Generator<string, void> {
  const decoder = new StringDecoder("utf8");
  const bytes = Buffer.alloc(bytesAtOnce);
  let opened: number | null = null;
  let rest = "";
  try {
    opened = openSync(file, "r");
    for (let size = bytesAtOnce; size > 0; ) {
      size = readSync(opened, bytes);
      const lines = (rest + decoder.write(bytes.subarray(0, size))).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
    if (rest !== "") yield rest;
  } catch (error) {
    throw unreadable(file, error);
  } finally {
    if (opened !== null) closeSync(opened);
  }
}

function unreadable(file: string, error: unknown): WrongInput {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return new WrongInput(`${file}: there is no such file`);
  const reason = code === "EACCES" ? "it may not be read" : writeFailure(error);
  return new WrongInput(`${file}: ${reason}`);
}
