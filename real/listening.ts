import type { Server } from "node:net";
import { hostPortOf } from "./host-port.ts";
import { troubleOf } from "./text-file.ts";

/** Has the server listen at `address`, host and port. Rejects where it can't. */
export function listenAt(server: Server, address: string): Promise<void> {
  const { host, port } = hostPortOf(address);
  return listening(server, address, () => server.listen(port, host));
}

/** Has `begin` make the server listen. Rejects where it can't, with what stands in the way. */
export function listening(server: Server, where: string, begin: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      reject(new Error(`can't listen on ${where}: ${troubleOf(error)}`));
    });
    server.once("listening", resolve);
    begin();
  });
}
