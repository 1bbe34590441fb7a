import { afterAll, expect, test } from "vitest";
import { eventually, newCredentials, newRoot, numbered, TlsNode } from "../../support/tls-nodes.ts";

const nodes: TlsNode[] = [];
afterAll(() => Promise.all(nodes.map((node) => node.stop())));

test("who is not let in hears once why, and its log has a few words of it at most", async () => {
  const root = await newRoot();
  for (const id of ["m1", "m2"]) {
    nodes.push(await TlsNode.start(id, await newCredentials(root, id), [root]));
  }
  const [m1, m2] = nodes as [TlsNode, TlsNode];
  m1.book.learn("m2", m2.address, true);
  m2.denies = "no ".repeat(1_000);
  for (const number of [1, 2]) m1.network.send("m2", numbered(number));
  await eventually(() => m2.heard.length === 2, "both messages");
  m2.denies = "another reason";
  m1.network.send("m2", numbered(3));
  await eventually(() => m1.notices.some((text) => text.endsWith("another reason")), "the last");
  expect(m1.notices).toHaveLength(2);
  expect(m1.notices[0]).toBe(`m2: it refuses what this node says: ${"no ".repeat(100)}`);
});
