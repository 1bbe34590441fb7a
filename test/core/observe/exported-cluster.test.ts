import { expect, test } from "vitest";
import { exported, listed } from "../../support/exported.ts";

test("an export says where tasks run, and nothing that is secret", () => {
  const traits = { secrets: ["password"], image: "web:2" };
  const cluster = exported(
    [listed("m1"), listed("w1")],
    [{ name: "web", places: ["w1", "m1"], traits }],
  );
  expect(cluster.services[0]).toMatchObject({ name: "web", image: "web:2", runsOn: ["w1", "m1"] });
  expect(cluster.nodes[0]).toMatchObject({ id: "m1", isLeader: true, state: "ready" });
  const text = JSON.stringify(cluster);
  for (const word of ["password", "env", "args", "token", "key"]) expect(text).not.toContain(word);
});
