import { describe, expect, test } from "vitest";
import type { StoreObject } from "../../../../core/model/change.ts";
import { TaskState } from "../../../../core/model/task-state.ts";
import { ClusterPicture } from "../../../../real/ctl/top/cluster-picture.ts";
import { NodeNames } from "../../../../real/ctl/top/node-names.ts";
import { ServiceTallies } from "../../../../real/ctl/top/service-tallies.ts";
import { StoreCopy } from "../../../../real/ctl/top/store-copy.ts";
import { meta, node, service, task } from "../../../support/model.ts";
import { askedManager } from "../../../support/raft.ts";

/** The same object as of another version. */
function version<T extends StoreObject>(object: T, of: number, change: Partial<T> = {}): T {
  return { ...object, ...change, meta: meta(of) };
}

const [one, two] = [version(node("one"), 1), version(node("two"), 2)];

describe("StoreCopy", () => {
  test("takes what is newer, and nothing else", () => {
    const copy = new StoreCopy();
    expect(copy.replace([one])).toEqual([{ previous: null, current: one }]);
    expect(copy.take({ previous: null, current: one })).toBeNull();
    const newer = version(one, 5);
    expect(copy.take({ previous: one, current: newer })).toEqual({ previous: one, current: newer });
    expect(copy.take({ previous: one, current: version(one, 4) })).toBeNull();
    expect(copy.take({ previous: one, current: null })).toBeNull();
    expect(copy.objects).toEqual([newer]);
    expect(copy.take({ previous: newer, current: null })?.current).toBeNull();
    expect(copy.objects).toEqual([]);
  });

  test("says what has changed while nobody looked", () => {
    const copy = new StoreCopy();
    copy.replace([one, two]);
    const newer = version(two, 9);
    expect(copy.replace([newer])).toEqual([
      { previous: one, current: null },
      { previous: two, current: newer },
    ]);
    expect(copy.replace([newer])).toEqual([]);
  });
});

describe("NodeNames", () => {
  const names = new NodeNames();
  names.learn([
    node("aaaaaaaaaa", { hostname: "web" }),
    node("bbbbbbbbbb", { hostname: "web" }),
    node("cccccccccc", { hostname: "db" }),
  ]);

  test("are hostnames, with a piece of the id where two share one", () => {
    expect(["aaaaaaaaaa", "bbbbbbbbbb", "cccccccccc", "other"].map(names.nameOf)).toEqual([
      ...["web.aaaaaa", "web.bbbbbb", "db", "other"],
    ]);
    expect(names.idOf("web.bbbbbb")).toBe("bbbbbbbbbb");
    expect(names.memberName("cccccccccc/17")).toBe("db");
  });
});

describe("ServiceTallies", () => {
  const web = { id: "s", name: "web", image: "any", mode: "replicated", wanted: 3 } as const;
  const running = (count: number) => [
    { ...web, running: count, completed: 0, upToDate: count, update: null },
  ];

  test("count from when all tasks first ran, without the time in which nothing was heard", () => {
    const tallies = new ServiceTallies();
    tallies.look(0, running(1));
    expect(tallies.frames()).toEqual({});
    tallies.look(10, running(3));
    tallies.look(20, running(2));
    tallies.look(25, running(3));
    expect(tallies.frames()).toEqual({ web: { lowest: 2, below: 5, watched: 15 } });
    tallies.lose();
    tallies.look(100, running(3));
    tallies.look(110, running(3));
    expect(tallies.frames()).toEqual({ web: { lowest: 2, below: 5, watched: 25 } });
    tallies.look(120, []);
    expect(tallies.frames()).toEqual({});
  });
});

describe("ClusterPicture", () => {
  const [m1, w1] = [node("aaa", { hostname: "m1", role: "manager" }), node("bbb")];
  const nodes = [version(m1, 1), version({ ...w1, description: m1.description }, 2)];
  const web = version(service("s", { replicas: 1 }), 3);
  const ready = version(task("t", { service: "s", node: "aaa", state: "STARTING" }), 4);
  const runs = version(ready, 5, { status: { ...ready.status, state: TaskState.RUNNING } });

  test("tells no story of what there was, and one of each change", () => {
    const picture = new ClusterPicture();
    picture.list([...nodes, web, ready], 10);
    expect(picture.lines).toEqual([]);
    picture.change({ previous: ready, current: runs }, 20);
    picture.change({ previous: ready, current: runs }, 30);
    expect(picture.lines.map(({ at, kind }) => ({ at, kind }))).toEqual([{ at: 20, kind: "task" }]);
    expect(picture.lines[0]?.text).toContain("runs on m1");
    const { tasks } = picture.frame(40, new Map(), true);
    expect(tasks[0]).toMatchObject({ node: "m1.aaa", state: "RUNNING" });
    expect(tasks[0]?.history).toEqual([
      { state: "STARTING", at: 10 },
      { state: "RUNNING", at: 20 },
    ]);
  });

  test("shows the part in Raft of those who have said it, under the names of nodes", () => {
    const picture = new ClusterPicture();
    picture.list([version(m1, 1)], 0);
    const { raft, isManaging } = askedManager({ leader: "aaa", voters: ["aaa", "ccc/4"] });
    const [status, progress] = [raft.status(), raft.progress()];
    const report = { kind: "raft-report", id: "aaa", isManaging, status, progress } as const;
    const [shown] = picture.frame(0, new Map([["aaa", report]]), true).nodes;
    expect(shown).toMatchObject({ id: "m1", machine: "up" });
    expect(shown?.raft?.status).toMatchObject({ id: "m1", leader: "m1" });
    expect(shown?.raft?.status.membership.voters).toEqual(["m1", "ccc"]);
    const [lost] = picture.frame(0, new Map(), false).nodes;
    expect(lost).toMatchObject({ machine: "unknown", raft: null });
  });
});
