import { rmSync, statSync } from "node:fs";
import { connect } from "node:net";

/**
 * Makes room for a unix socket at `path`: removes one that a process has left behind, and nothing
 * else. Rejects when there is a file of that name, or another program listens there.
 */
export async function makeRoom(path: string): Promise<void> {
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
    socket.once("error", () => known(false));
  });
}
