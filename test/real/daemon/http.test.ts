import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { freePort } from "../../../real/daemon/dev.ts";
import { serveHttp } from "../../../real/daemon/http.ts";

// Goal: who asks for metrics and does not read them takes no connection from others for ever.
// Method: the pages at a real port, with metrics that no kernel's buffer holds.

test("a client that does not read its answer is let go", async () => {
  const port = await freePort();
  const pages = {
    metrics: async () => "x".repeat(32 * 1024 * 1024),
    healthy: () => null,
    ready: () => null,
  };
  const server = await serveHttp(`127.0.0.1:${port}`, pages);
  const count = () =>
    new Promise<number>((resolve) => server.getConnections((_, found) => resolve(found)));
  const client = connect(port, "127.0.0.1");
  client.on("error", () => undefined);
  await once(client, "connect");
  client.pause().write("GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n");
  await expect.poll(count).toBe(1);
  await expect.poll(count, { timeout: 40_000, interval: 500 }).toBe(0);
  client.destroy();
  server.close();
});
