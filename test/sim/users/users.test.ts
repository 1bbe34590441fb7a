import { describe, expect, test } from "vitest";
import { noBug } from "../../../core/base/planted.ts";
import { Random } from "../../../core/base/random.ts";
import { type Action, create, service } from "../../../sim/scenario/dsl.ts";
import { Users, type UsersPlan } from "../../../sim/users/users.ts";
import { World } from "../../../sim/world/world.ts";
import { runUntil } from "../../support/world.ts";

// Goal: users do all that users can do, and leave a cluster that can live.

/** What users do in a calm cluster: one deed a second, from the fortieth on. */
function deeds(creates: number, seconds: number, more: Partial<UsersPlan> = {}) {
  const acted: Action[] = [];
  const topology = { managers: 3, workers: 4 };
  const world = new World(
    { topology, seed: "1", planted: noBug, clients: 0, users: 2 },
    { acted: (action) => void acted.push(action) },
  );
  world.powerOn();
  runUntil(world, 30);
  world.operator.want(create(service("web", { image: "web:1", replicas: 2 })));
  runUntil(world, 40);
  const plan = { kept: ["web"], creates, ...more };
  const crowd = new Users(world, world.faults, plan, new Random([1, 2, 3, 4]));
  for (let second = 40; second < 40 + seconds; second += 1) {
    crowd.act();
    runUntil(world, second + 1);
  }
  return { world, crowd, acted };
}

/** Looked at by several: it is only after all else that they finish. */
const calm = deeds(5, 400);
const busy = deeds(5, 500, { everything: true, upkeep: true, odd: true, particular: true });

describe("Users", () => {
  test("do everything that users can do", () => {
    const { acted } = busy;
    const kinds = new Set(acted.map((action) => action.do));
    expect([...kinds].sort()).toEqual([
      ...["availability", "bad-image", "configure", "create", "create-file", "create-network"],
      ...[
        "create-volume",
        "label",
        "label-file",
        "label-volume",
        "rebalance",
        "remove",
        "remove-file",
      ],
      ...["remove-network", "remove-node", "remove-task", "remove-task-on", "remove-volume"],
      ...["role", "rollback", "rotate-join-token", "rotate-root", "rotate-unlock-key", "scale"],
      ...["update", "volume-availability"],
    ]);
    const by = new Set(acted.flatMap((action) => ("by" in action ? [action.by] : [])));
    expect([...by].sort()).toEqual([1, 2]);
    const done = JSON.stringify(acted);
    for (const part of [
      '"replicas":0',
      "externalCas",
      '"to":"outside"',
      '"subnet"',
      "volumes",
      '"to":"own"',
      '"platforms"',
      '"range"',
    ])
      expect(done).toContain(part);
  });

  test("have no more services of their own than planned, and keep those of the scenario", () => {
    const { world } = deeds(3, 300);
    const names = [...world.history.view.services.values()].map((service) => service.spec.name);
    expect(names).toContain("web");
    expect(names.length).toBeLessThanOrEqual(4);
  });

  test("who may create nothing only scale, deploy, roll back, and look after the rest", () => {
    const { acted } = deeds(0, 200);
    const kinds = new Set(acted.map((action) => action.do));
    expect([...kinds].sort()).toEqual([
      ...["availability", "configure", "role", "rollback", "rotate-join-token", "rotate-root"],
      ...["rotate-unlock-key", "scale", "update"],
    ]);
  });

  test("who are in a hurry undo what is under way, and put others in its place", () => {
    const { acted } = deeds(5, 200, { hasty: true });
    const asked = acted.flatMap((action) => ("by" in action ? [action] : []));
    const pairs = asked.map((action, at) => {
      const next = asked[at + 1];
      return next?.by === action.by ? `${action.do}, ${next?.do}` : "";
    });
    for (const pair of [
      ...["remove, create", "role, role", "role, remove-node", "rollback, rollback"],
      ...["create-file, update", "create-network, update", "rotate-root, rotate-root"],
      "availability, availability",
    ]) {
      expect(pairs).toContain(pair);
    }
  });

  test("who want more than there is share ports, fill networks, and are reached otherwise", () => {
    const { acted } = deeds(5, 300, { scarce: true });
    const asked = JSON.stringify(acted);
    for (const part of ['"endpointMode":"dnsrr"', '"published":9500,"protocol":"udp"', "pool-1"]) {
      expect(asked).toContain(part);
    }
    const kinds = acted.map((action) => action.do).join();
    expect(kinds).toContain("create-network,update,remove,remove-network,create-network,create");
  });

  test("leave most machines at work", () => {
    const { world } = calm;
    const { nodes } = world.history.view;
    const atWork = [...nodes.values()].filter(
      ({ spec: { availability } }) => availability === "active",
    );
    expect(atWork.length).toBeGreaterThanOrEqual(world.hosts.length - 2);
  });

  test("put right in the end what no cluster could run", () => {
    const { world, crowd } = calm;
    expect(world.containers.badImages.size).toBeGreaterThan(0);
    crowd.finish();
    expect([...world.containers.badImages]).toEqual([]);
  });

  test("let volumes be mounted again in the end, also those that one has yet to drain", () => {
    const { world, crowd } = busy;
    const last = world.operators.at(-1);
    for (const name of ["data", "logs", "data", "logs"]) {
      last?.want({ do: "volume-availability", name, availability: "drain" });
    }
    crowd.finish();
    runUntil(world, 600);
    const volumes = [...world.history.view.volumes.values()];
    expect(volumes.length).toBeGreaterThan(0);
    expect(volumes.map(({ spec: { availability } }) => availability)).not.toContain("drain");
    expect(volumes.map(({ spec: { availability } }) => availability)).not.toContain("pause");
  });

  test("wait for answers before they ask for more", () => {
    const { world, crowd, acted } = deeds(5, 1);
    for (const host of world.managers) host.crash();
    for (let deed = 0; deed < 100; deed += 1) crowd.act();
    expect(world.operators.every(({ open }) => open <= 4)).toBe(true);
    expect(acted.length).toBeLessThan(20);
  });
});
