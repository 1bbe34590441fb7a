import { accessSync, constants, rmSync, statSync } from "node:fs";
import { connect } from "node:net";
import { dirname } from "node:path";
import { makeFolder } from "./folder.ts";
import { troubleOf } from "./text-file.ts";

/** As Linux has it (`sun_path` of unix(7)), without the zero at its end. */
const longestPathBytes = 107;

/**
 * Makes room for a unix socket at `path`: the folder, and nothing in place of a socket that a
 * process has left behind. Rejects when there is a file of that name, another program listens
 * there, the path is longer than a socket's can be, or the folder is not for this user.
 */
export async function makeRoom(path: string): Promise<void> {
  const bytes = Buffer.byteLength(path);
  if (bytes > longestPathBytes) {
    const most = `a socket's path has ${longestPathBytes} bytes at most, and this one ${bytes}`;
    throw new Error(`can't listen on ${path}: ${most}`);
  }
  makeFolder(dirname(path));
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch (error) {
    throw new Error(`can't listen on ${path}: ${troubleOf(error)}`);
  }
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw new Error(`can't listen on ${path}: there is a file of that name`);
  if (await isTaken(path))
    throw new Error(`can't listen on ${path}: another program listens there`);
  rmSync(path, { force: true });
}

function isTaken(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const known = (answers: boolean) => {
      socket.destroy();
      resolve(answers);
    };
    socket.once("connect", () => known(true));
    // One that listens and has too many waiting says something else.
    socket.once("error", ({ code }: NodeJS.ErrnoException) => known(code !== "ECONNREFUSED"));
  });
}
