import type { Server } from "node:net";
import { hostPortOf } from "./host-port.ts";
import { troubleOf } from "./text-file.ts";

/** Has the server listen at `address`, host and port. Rejects where it can't. */
export function listenAt(server: Server, address: string): Promise<void> {
  const { host, port } = hostPortOf(address);
  return listening(server, address, () => server.listen(port, host));
}

/** Has the server listen on a unix socket that only this user can open. Rejects where it can't. */
export function listenPrivately(server: Server, path: string): Promise<void> {
  // The socket is made within the call, so nothing else is made under this mask.
  const before = process.umask(0o177);
  const begun = listening(server, path, () => server.listen(path));
  process.umask(before);
  return begun;
}

/** Has `begin` make the server listen. Rejects where it can't, with what stands in the way. */
function listening(server: Server, where: string, begin: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      reject(new Error(`can't listen on ${where}: ${troubleOf(error)}`));
    });
    server.once("listening", resolve);
    begin();
  });
}
