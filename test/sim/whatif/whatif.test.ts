import { expect, test } from "vitest";
import { seconds } from "../../../core/base/time.ts";
import type { ExportedCluster } from "../../../core/observe/exported-cluster.ts";
import { checkScenario } from "../../../sim/scenario/check.ts";
import { answerOf, type LossAnswer } from "../../../sim/whatif/answer.ts";
import { parseExport } from "../../../sim/whatif/export-shape.ts";
import { MachineNames } from "../../../sim/whatif/machine-names.ts";
import { outcomeOfLoss } from "../../../sim/whatif/outcome.ts";
import { type Loss, planOfCluster } from "../../../sim/whatif/plan-of-cluster.ts";
import { nodesMeant } from "../../../sim/whatif/who.ts";
import { exported, listed } from "../../support/exported.ts";

// Goal: what is said of a loss is what happens to that very cluster: its nodes, its services, and
// its tasks where they run. Method: exports of clusters that a scheduler would not have made so.

const watched = seconds(120);

function answer(cluster: ExportedCluster, loss: Partial<Loss>): LossAnswer {
  const names = new MachineNames(cluster);
  const whole = { lost: [], cut: [], backAfter: null, watched, ...loss };
  const made = planOfCluster(cluster, names, whole);
  expect(checkScenario(made.plan)).toEqual([]);
  return answerOf(whole, [outcomeOfLoss(made, "1", watched)], names.shown);
}

function serviceIn({ services }: LossAnswer, name: string) {
  const found = services.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no service ${name}`);
  return found;
}

const five = ["m1", "m2", "m3", "w1", "w2"].map((id) => listed(id));

test("tasks stand where they run, however crowded, and move from there", () => {
  const cluster = exported(five, [
    { name: "web", places: ["w1", "w1", "w1", "m2"] },
    { name: "db", places: ["m3"] },
  ]);
  const found = answer(cluster, { lost: ["w1"] });
  expect(found.astray).toEqual([]);
  expect(found.violation).toBeNull();
  const web = serviceIn(found, "web");
  expect(web).toMatchObject({ ran: 4, lowest: 1, running: 4, wanted: 4, waits: [] });
  expect(web.moves.every(({ from, to }) => from === "w1" && to !== null)).toBe(true);
  expect(web.moves.reduce((sum, { count }) => sum + count, 0)).toBe(3);
  // Missed heartbeats, the restart delay, and the start of a container.
  expect(web.below[0]).toBeGreaterThan(7);
  expect(web.below[0]).toBeLessThan(15);
  expect(serviceIn(found, "db")).toMatchObject({ ran: 1, lowest: 1, below: [0], moves: [] });
});

test("a task that may run nowhere else waits, and the cluster's words say why", () => {
  const db = { name: "db", places: ["w1"], traits: { constraints: ["node.id==w1"] } };
  const found = answer(exported(five, [db]), { lost: ["w1"] });
  const { running, waits, moves } = serviceIn(found, "db");
  expect({ running, moves }).toEqual({ running: 0, moves: [{ from: "w1", to: null, count: 1 }] });
  expect(waits.join()).toMatch(
    /^no suitable node \(scheduling constraints not satisfied on 4 nodes/,
  );
});

test("tasks stay on the platforms that their image is made for", () => {
  const nodes = [...five, listed("w3", { architecture: "aarch64" })];
  const traits = { placement: { platforms: [{ os: "linux", architecture: "arm64" }] } };
  const found = answer(exported(nodes, [{ name: "db", places: ["w3"], traits }]), { lost: ["w3"] });
  const { running, waits } = serviceIn(found, "db");
  expect(running).toBe(0);
  expect(waits.join()).toMatch(/^no suitable node \(unsupported platform on 5 nodes/);
});

test("the leader leads; without it another does, and without a majority nobody", () => {
  const nodes = ["m3", "m2", "m1", "w1"].map((id) => listed(id));
  const cluster = exported(nodes, [{ name: "web", places: ["w1", "m1"] }]);
  expect(answer(cluster, { lost: ["w1"] }).leader).toEqual({ before: "m1", after: "m1" });
  const { leader, managers } = answer(cluster, { lost: ["m1"] });
  expect(leader.before).toBe("m1");
  expect(leader.after).toMatch(/m2|m3/);
  expect(managers).toEqual({ up: 2, members: 3 });
  const alone = answer(cluster, { lost: ["m1", "m2"] });
  expect(alone).toMatchObject({ leader: { after: null }, managers: { up: 1, members: 3 } });
  expect(serviceIn(alone, "web")).toMatchObject({ lowest: 1, running: 1, wanted: 2 });
});

test("who is back in time has missed something and lost nothing", () => {
  const cluster = exported(five, [
    { name: "db", places: ["w1"], traits: { constraints: ["node.hostname==w1"] } },
  ]);
  const found = answer(cluster, { lost: ["w1"], backAfter: seconds(30) });
  const db = serviceIn(found, "db");
  expect(db).toMatchObject({ running: 1, lowest: 0, moves: [] });
  expect(db.below[0]).toBeGreaterThan(30);
});

test("what runs behind a cut goes on, and runs a second time before it", () => {
  const cluster = exported(five, [{ name: "web", places: ["w1", "w2"] }]);
  const web = serviceIn(answer(cluster, { cut: ["w1"] }), "web");
  expect(web).toMatchObject({ lowest: 2, below: [0] });
  expect(web.moves).toHaveLength(1);
});

test("labels, drained and lost nodes, and host names with dots are as they are", () => {
  const nodes = [
    listed("m1", { hostname: "one.example.com" }),
    listed("w1", { hostname: "two.example.com", labels: { disk: "ssd" } }),
    listed("w2", { hostname: "three.example.com", labels: { disk: "ssd" } }),
    listed("w3", { hostname: "four.example.com", availability: "drain", labels: { disk: "ssd" } }),
    listed("w4", { hostname: "five.example.com", state: "down", labels: { disk: "ssd" } }),
  ];
  const constraints = ["node.labels.disk==ssd", "node.hostname!=one.example.com"];
  const cluster = exported(nodes, [{ name: "db", places: ["w1"], traits: { constraints } }]);
  const found = answer(cluster, { lost: ["two-example-com"] });
  expect(found.lost).toEqual(["two.example.com"]);
  expect(found.astray).toEqual([]);
  const moves = [{ from: "two.example.com", to: "three.example.com", count: 1 }];
  expect(serviceIn(found, "db")).toMatchObject({ running: 1, moves });
});

test("a host name means the machine that is up, where one that left is still listed", () => {
  const left = (id: string) => listed(id, { hostname: "box", state: "down" });
  const nodes = [listed("m1"), left("w1"), listed("w2", { hostname: "box" }), left("w3")];
  const constraints = ["node.hostname==box"];
  const cluster = exported(nodes, [{ name: "db", places: ["w2"], traits: { constraints } }]);
  const found = answer(cluster, { lost: ["box"], backAfter: seconds(30) });
  expect(found).toMatchObject({ lost: ["box"], astray: [] });
  expect(serviceIn(found, "db")).toMatchObject({ ran: 1, lowest: 0, running: 1, moves: [] });
});

test("people name nodes by host name, id, constraint, or as the leader", () => {
  const nodes = [listed("m1", { engineLabels: { rack: "a" } }), listed("w1", { hostname: "Box" })];
  const cluster = exported(nodes, []);
  const meant = (word: string) => nodesMeant(cluster, word).map(({ id }) => id);
  expect(
    ["leader", "box", "w1", "engine.labels.rack==a", "node.role==worker", "w7"].map(meant),
  ).toEqual([["m1"], ["w1"], ["w1"], ["m1"], ["w1"], []]);
});

test("what is no export is refused with what it is instead", () => {
  const good = exported(five, [{ name: "web", places: ["w1"] }]);
  const wrong = (value: unknown) =>
    parseExport(typeof value === "string" ? value : JSON.stringify(value));
  expect(wrong(good)).toEqual(good);
  expect(wrong("{")).toEqual({ wrong: expect.stringContaining("not JSON") });
  expect(wrong({})).toEqual({ wrong: expect.stringContaining("no export of a cluster") });
  expect(wrong({ ...good, version: 2 })).toEqual({ wrong: expect.stringContaining("version 2") });
  const bent = { ...good, nodes: [{ ...good.nodes[0], role: "king" }] };
  expect(wrong(bent)).toEqual({ wrong: expect.stringMatching(/^nodes\.0\.role: /) });
});
