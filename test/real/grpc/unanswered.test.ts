import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { expect, test } from "vitest";
import { eventually, newCredentials, newRoot, numbered, TlsNode } from "../../support/tls-nodes.ts";

// Goal: who stands still, so that its kernel takes connections and nobody answers, costs nothing.
// Method: a real node sends to a socket that reads and never says a word of TLS.

test("a connection that the peer's machine takes, and nobody answers, is given up", async () => {
  const open = new Set<Socket>();
  const silent = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => undefined).on("close", () => open.delete(socket));
    socket.resume();
  });
  await once(silent.listen(0, "127.0.0.1"), "listening");
  const root = await newRoot();
  const m1 = await TlsNode.start("m1", await newCredentials(root, "m1"), [root]);
  m1.book.learn("m2", `127.0.0.1:${(silent.address() as AddressInfo).port}`, true);
  m1.network.send("m2", numbered(1));
  await eventually(() => open.size === 1, "the connection");
  await eventually(() => m1.notices.length > 0, "the notice");
  await eventually(() => open.size === 0, "the end of the connection");
  expect(m1.notices[0]).toContain("it has not said who it is");
  await m1.stop();
  silent.close();
});
