import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Timestamp } from "../../../core/base/time.ts";
import type { ContainerSpec } from "../../../core/model/container-spec.ts";
import { noMountOptions } from "../../../core/model/mount.ts";
import { connect } from "../../../real/docker/client.ts";
import { DockerEngine } from "../../../real/docker/docker-engine.ts";
import { dockerRig } from "../../ports/docker-executor.ts";
import { type RealRig, saysSettled, withContainer } from "../../ports/real-rig.ts";
import { containerOf, dockerEngine } from "../../support/docker.ts";
import { newOverlays } from "../../support/node-overlays.ts";

// Goal: a container is what its task says, as the container itself sees it.

const nodeId = `docker${process.pid}`;
let address = "";
let rig: RealRig;
beforeAll(async () => {
  address = await dockerEngine();
  rig = await dockerRig(address, nodeId);
});
afterAll(() => rig.close());

function printed(line: string, spec: Partial<ContainerSpec> = {}) {
  return rig.printed(`exec 2>/dev/null; ${line}`, (task) => withContainer(task, spec));
}

describe("a container", () => {
  test("has the command, the environment, the place and the user that it should", async () => {
    const line = 'echo "$0 $1 $A"; pwd; id -u; id -g; hostname';
    const command = ["/bin/sh", "-c", line];
    const spec = { command, args: ["x", "y"], env: ["A=1"], dir: "/tmp", user: "65534:7" };
    const said = ["x y 1", "/tmp", "65534", "7", "box"];
    expect(await printed(line, { ...spec, hostname: "box" })).toEqual(said);
  });

  test("finds its secrets and configs in memory, with owner and mode", async () => {
    const files = [
      { target: "/run/secrets/key", uid: "0", gid: "0", mode: 0o400, data: "aGVsbG8=" },
      { target: "/etc/motd", uid: "7", gid: "8", mode: 0o444, data: "aGkK" },
    ];
    const line =
      "cat /run/secrets/key /etc/motd; stat -c '%a %u:%g' /run/secrets/key /etc/motd; " +
      "stat -f -c %T /run/secrets/key; (echo x >>/etc/motd) 2>/dev/null || echo refused";
    const said = ["hellohi", "400 0:0", "444 7:8", "tmpfs", "refused"];
    expect(await rig.printed(line, (task) => task, files)).toEqual(said);
  });

  test("has its mounts, and a root that it can't write to", async () => {
    const mounts = [
      { kind: "tmpfs", source: "", target: "/scratch", readOnly: false },
      { kind: "bind", source: "/etc", target: "/host", readOnly: true },
      { kind: "volume", source: "", target: "/data", readOnly: false },
    ] as const;
    const line =
      "(echo a >/scratch/a) && (echo a >/data/a) && echo both; (echo b >/b) || echo no; " +
      "(echo c >/host/c) || echo no; test -e /host/passwd && echo yes";
    const said = ["both", "no", "no", "yes"];
    expect(await printed(line, { mounts, readOnly: true })).toEqual(said);
  });

  test("has the options of its mounts", async () => {
    const options = { ...noMountOptions, sizeBytes: 1024 * 1024, mode: 0o1700 };
    const mount = { kind: "tmpfs", source: "", target: "/small", readOnly: false } as const;
    const line = "df -k /small | tail -1 | awk '{print $2}'; stat -c %a /small";
    expect(await printed(line, { mounts: [{ ...mount, options }] })).toEqual(["1024", "1700"]);
  });

  test("is limited as it should", async () => {
    const memory = "/sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max";
    const line = `ulimit -n; cat ${memory} 2>/dev/null; grep CapEff /proc/self/status`;
    const memoryBytes = 32 * 1024 * 1024;
    // More processors than the machine has are no limit, and no reason not to run.
    const limits = { nanoCpus: 500_000_000_000, memoryBytes, pids: 50 };
    const spec = {
      ulimits: [{ name: "nofile", soft: 77, hard: 99 }],
      capabilityDrop: ["ALL"],
      capabilityAdd: ["CHOWN"],
    };
    // Less than an engine may set aside: that is the scheduler's business alone.
    const reservations = { nanoCpus: 1_000_000, memoryBytes: 1024 * 1024 };
    const lines = await rig.printed(line, (task) => {
      const changed = withContainer(task, spec);
      return { ...changed, spec: { ...changed.spec, limits, reservations } };
    });
    expect(lines).toEqual(["77", `${memoryBytes}`, "CapEff:\t0000000000000001"]);
  });

  test("is confined as it should", async () => {
    const privileges = {
      ...{ noNewPrivileges: true, seccompMode: "custom", appArmorMode: "disabled", seLinux: null },
      seccompProfile: Buffer.from('{"defaultAction":"SCMP_ACT_ALLOW"}').toString("base64"),
    };
    const line = "cat /proc/self/oom_score_adj; grep -E 'NoNewPrivs|Seccomp:' /proc/self/status";
    const said = ["500", "NoNewPrivs:\t1", "Seccomp:\t2"];
    expect(await printed(line, { oomScoreAdj: 500, privileges })).toEqual(said);
    const unconfined = { ...privileges, seccompMode: "unconfined", seccompProfile: "" };
    const bare = ["0", "NoNewPrivs:\t1", "Seccomp:\t0"];
    expect(await printed(line, { privileges: unconfined })).toEqual(bare);
  });

  test("is stopped by the signal that it wants, whatever its user has named it since", async () => {
    const line = `trap 'exit 9' USR1; trap '' TERM; ${saysSettled}; sleep 300 & wait`;
    const command = ["/bin/sh", "-c", line];
    const task = await rig.running("signal", { command, stopSignal: "SIGUSR1" });
    await rig.settled(task);
    const name = `${task.name}.${task.id}`;
    const container = connect(address).getContainer(name);
    await container.rename({ name: `mine-${task.id}` });
    const grace = task.spec.container.stopGracePeriod;
    const stopped = await rig.step({ kind: "shutdown", task: task.id, grace }, "stopped");
    expect(stopped).toMatchObject({ exitCode: 9 });
    rig.remove(task);
  });

  test("carries Swarm's labels, by which others find it", async () => {
    const task = await rig.running("labels", { labels: new Map([["mine", "1"]]) });
    const container = containerOf(address, task);
    expect((await container.inspect()).Config.Labels).toMatchObject({
      mine: "1",
      "com.docker.swarm.node.id": nodeId,
      "com.docker.swarm.service.name": "web",
      "com.docker.swarm.task.id": task.id,
    });
    rig.remove(task);
  });
});

describe("the engine", () => {
  test("gives what a container writes, line by line, with stream and moment", async () => {
    const beganAt = Date.now();
    const line = "echo one; echo two >&2; sleep 0.1; echo three; sleep 0.3";
    const command = ["/bin/sh", "-c", line];
    const task = await rig.running("logs", { command });
    const all = [];
    const options = { follow: true, tail: null, since: 0 as Timestamp, until: 0 as Timestamp };
    for await (const each of rig.engine.logs(task.id, options)) all.push(each);
    const texts = all.map(({ stream, text }) => `${stream} ${text}`);
    expect(texts.sort()).toEqual(["stderr two", "stdout one", "stdout three"]);
    for (const { at } of all) {
      expect(at / 1_000).toBeGreaterThan(beganAt - 1_000);
      expect(at / 1_000).toBeLessThan(Date.now() + 1_000);
    }
    const last = [];
    for await (const each of rig.engine.logs(task.id, { ...options, tail: 1 })) last.push(each);
    expect(last.map(({ text }) => text)).toEqual(["three"]);
    rig.remove(task);
  });

  test("says what it has", async () => {
    const { resources, platform, plugins } = await rig.engine.describe();
    expect(resources.nanoCpus).toBeGreaterThanOrEqual(1_000_000_000);
    expect(resources.memoryBytes).toBeGreaterThan(0);
    expect(platform.os).toBe("linux");
    expect(plugins).toContain("Volume/local");
    expect(plugins).toEqual([...(plugins ?? [])].sort());
  });

  test("keeps what has ended with its log, and without its secrets", async () => {
    const file = { target: "/run/secrets/key", uid: "0", gid: "0", mode: 0o400, data: "aGVsbG8=" };
    const command = ["/bin/sh", "-c", "cat /run/secrets/key; sleep 0.1"];
    const task = withContainer(rig.task("ended", "runs"), { command });
    const container = containerOf(address, task);
    await rig.prepare(task, [file]);
    const [mount] = (await container.inspect()).Mounts as { Source: string }[];
    const { Source: source = "" } = mount ?? {};
    expect(existsSync(source)).toBe(true);
    await rig.step({ kind: "start", task: task.id }, "exited");
    expect(existsSync(source)).toBe(false);
    const options = { follow: false, tail: null, since: 0 as Timestamp, until: 0 as Timestamp };
    for await (const { text } of rig.engine.logs(task.id, options)) expect(text).toBe("hello");
    rig.remove(task);
  });

  test("says why an image that is not here could not be pulled", async () => {
    const task = rig.task("unknown", "can't-be-prepared");
    const why = /No such image: 127.0.0.1:1\/no\/such-image:1 \(.*127.0.0.1:1.*\)/;
    expect(await rig.prepare(task)).toMatchObject({ error: expect.stringMatching(why) });
  });

  test("leaves the containers of other nodes and other clusters alone", async () => {
    const task = await rig.running("foreign");
    const owners = [
      { clusterId: "c2", nodeId },
      { clusterId: "c1", nodeId: "other" },
    ];
    for (const owner of owners) {
      const other = new DockerEngine({ address, ...owner, overlays: newOverlays() });
      expect(await other.existing()).toEqual([]);
      await other.close();
    }
    rig.remove(task);
  });
});
