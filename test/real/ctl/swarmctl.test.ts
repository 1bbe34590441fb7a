import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Service } from "../../../core/model/service.ts";
import { parseExport } from "../../../sim/whatif/export-shape.ts";
import { ran, running } from "../../support/programs.ts";
import { RealCluster, type RealNode, until } from "../../support/real-cluster.ts";
import { swarmctlHere } from "../../support/swarmctl-here.ts";
import { newRoot } from "../../support/tls-nodes.ts";

// Goal: the commands of swarmctl do with a real node what they say, and their errors name the fix.
// Method: one swarmd; the program in this process, its output as text.

const cluster = new RealCluster();
const home = mkdtempSync(join(tmpdir(), "swarmctl-"));

beforeAll(() => cluster.start(1, 0));
afterAll(async () => {
  await cluster.stop();
  rmSync(home, { recursive: true, force: true });
});

function swarmctl(...words: string[]): Promise<string> {
  const folders = { XDG_CONFIG_HOME: home, DOCKER_CONFIG: home };
  return swarmctlHere({ ...folders, SWARM_SOCKET: `unix://${cluster.first.socket}` }, words);
}

const sleeping = ["--image", "any", "--command", "sleep", "--args", "1000"];
const gentle = [
  "--restart-delay",
  "0",
  "--stop-grace-period",
  "300ms",
  "--update-monitor",
  "100ms",
];

test("an export of a cluster is one that sim whatif takes, and has no secret of it", async () => {
  await swarmctl(
    "service",
    "create",
    "--name",
    "kept",
    "-e",
    "PASSWORD=x1y2",
    "--wait",
    ...sleeping,
  );
  const text = await swarmctl("cluster", "export");
  expect(text).not.toMatch(/x1y2|SWMTKN|PRIVATE/);
  const id = (await swarmctl("node", "ls", "--quiet")).trim();
  const nodes = [{ id, isLeader: true, state: "ready" }];
  const services = [{ name: "kept", runsOn: [id] }];
  expect(parseExport(text)).toMatchObject({ nodes, services });
  await swarmctl("service", "rm", "kept");
});

test("a service is created, shown, scaled, updated, rolled back and removed", async () => {
  const created = await swarmctl(
    ...["service", "create", "--name", "web", "--replicas", "2", "--wait", ...sleeping, ...gentle],
  );
  expect(created).toContain("web: 2 of 2 RUNNING");
  expect(created).toContain("web: as wanted");
  expect(await swarmctl("service", "ls")).toMatch(/web +replicated +2\/2 +any/);
  expect(await swarmctl("service", "scale", "web=3", "--wait")).toContain("web: 3 of 3 RUNNING");
  const updated = await swarmctl("service", "update", "web", "-e", "A=1");
  expect(updated).toMatch(/web: [0-2] of 3 RUNNING/);
  expect(updated).toContain("web: 3 of 3 RUNNING  completed");
  expect(await swarmctl("service", "inspect", "web")).toContain("- A=1");
  const back = await swarmctl("service", "rollback", "web");
  expect(back).toContain("rollback_completed");
  expect(await swarmctl("service", "rebalance", "web")).toBe("web\n");
  const tasks = await swarmctl("service", "ps", "web");
  expect(tasks.match(/ Running +Running /g)).toHaveLength(3);
  expect(await swarmctl("task", "ls")).toContain("web.3");
  expect(await swarmctl("service", "remove", "web")).toBe("web\n");
});

test("a task that is removed ends and is forgotten, and its service gets another", async () => {
  await swarmctl(
    ...["service", "create", "--name", "worn", "--replicas", "2", "--wait", ...sleeping, ...gentle],
  );
  const before = await tasksOf("worn");
  const [gone = ""] = before;
  expect(await swarmctl("task", "remove", gone)).toBe(`${gone}\n`);
  const after = await until("another task", async () => {
    const now = await tasksOf("worn");
    const runs = (await swarmctl("service", "ls")).includes("2/2");
    return runs && now.length === 2 && !now.includes(gone) ? now : null;
  });
  expect(before).toContain(after.find((id) => before.includes(id)));
  await expect(swarmctl("task", "rm", gone)).rejects.toThrow(`there is no task '${gone}'`);
  const shown = JSON.parse(await swarmctl("--format", "json", "node", "inspect", "m1", "-a"));
  expect(shown.tasks.map(({ id }: { id: string }) => id).sort()).toEqual([...after].sort());
  const named = JSON.parse(await swarmctl("--format", "json", "service", "inspect", "worn", "-a"));
  expect(named.tasks).toHaveLength(2);
  const { id: node } = JSON.parse(await swarmctl("--format", "json", "node", "inspect", "m1"));
  expect(await swarmctl("task", "ls")).toMatch(/ worn\.\d +any +m1 /);
  expect(await swarmctl("--no-resolve", "service", "ps", "worn")).toContain(` ${node} `);
  await swarmctl("service", "remove", "worn");
  await until("its end", async () => ((await swarmctl("task", "ls", "-aq")) === "" ? true : null));
});

async function tasksOf(service: string): Promise<readonly string[]> {
  const tasks = JSON.parse(await swarmctl("--format", "json", "service", "ps", service));
  return tasks.map(({ id }: { id: string }) => id);
}

test("nodes are listed, labelled, drained and made active again", async () => {
  expect(await swarmctl("node", "ls")).toMatch(/m1 +ready +active +manager +leader/);
  await swarmctl("node", "update", "m1", "--label-add", "zone=a", "--availability", "pause");
  expect(await swarmctl("node", "ls")).toMatch(/m1 +ready +pause +manager +leader/);
  await swarmctl("node", "drain", "m1");
  const drained = await swarmctl("--format", "json", "node", "inspect", "m1");
  expect(JSON.parse(drained).spec).toMatchObject({
    availability: "drain",
    labels: { zone: "a" },
  });
  await swarmctl("node", "activate", "m1");
  const demoting = swarmctl("node", "update", "m1", "--role", "worker");
  await expect(demoting).rejects.toThrow("last manager of the swarm");
  await expect(swarmctl("node", "remove", "")).rejects.toThrow("an argument is empty");
  await expect(swarmctl("--identity", "", "node", "ls")).rejects.toThrow("--identity is empty");
  await expect(swarmctl("context", "add", "a", "")).rejects.toThrow("an argument is empty");
  await expect(swarmctl("node", "inspect", "m9")).rejects.toThrow("see 'swarmctl node ls'");
});

test("secrets and configs are created from files, and a secret is never shown", async () => {
  const path = join(home, "key");
  writeFileSync(path, "very secret");
  await swarmctl("secret", "create", "key", path, "--label", "a=b");
  await swarmctl("config", "create", "conf", path);
  expect(await swarmctl("secret", "ls")).toContain("key");
  expect(await swarmctl("secret", "inspect", "key")).toContain('data: ""');
  const data = Buffer.from("very secret").toString("base64");
  expect(await swarmctl("config", "inspect", "conf")).toContain(data);
  await swarmctl("secret", "remove", "key");
  await expect(swarmctl("secret", "remove", "key")).rejects.toThrow("there is no secret 'key'");
});

test("the cluster shows its tokens but not its key, and changes its settings", async () => {
  const before = await swarmctl("cluster", "join-token", "-q", "worker");
  expect(before).toMatch(/^SWMTKN-1-[0-9a-z]{50}-[0-9a-z]{25}\n$/);
  const after = await swarmctl("cluster", "join-token", "-q", "worker", "--rotate");
  expect(after).not.toBe(before);
  expect(await swarmctl("cluster", "inspect")).toContain('key: ""');
  await swarmctl("cluster", "update", "--taskhistory", "2", "--heartbeatperiod", "2s");
  const { spec } = JSON.parse(await swarmctl("--format", "json", "cluster", "inspect"));
  expect(spec).toMatchObject({ taskHistoryRetentionLimit: 2, heartbeatPeriod: "2s" });
  await expect(swarmctl("cluster", "update", "--certexpiry", "1s")).rejects.toThrow("1h0m0s");
  for (const [spec, words] of [
    ["protocol=acme,url=https://x", "unrecognized external CA protocol acme"],
    ["protocol=cfssl", "the external-ca option needs a url= parameter"],
    ["protocol=cfssl,url=http://x", "must be https://"],
    ["https://x", "invalid field 'https://x' must be a key=value pair"],
    ["protocol=cfssl,url=https://x,cacert=/nowhere", "unable to read CA cert for external CA"],
  ] as const) {
    const refused = swarmctl("cluster", "update", "--external-ca", spec);
    await expect(refused).rejects.toThrow(words);
  }
  const rotated = await swarmctl("cluster", "update", "default", "--rotate-join-token", "worker");
  expect(rotated).not.toContain(after.trim());
  expect(rotated).toContain(await swarmctl("cluster", "join-token", "-q", "worker"));
  await expect(swarmctl("cluster", "update", "other")).rejects.toThrow("no cluster 'other' here");
  const how = await swarmctl("cluster", "join-token", "manager");
  expect(how).toMatch(`swarmd --join-addr ${cluster.first.address} --join-token SWMTKN-1-`);
});

test("a root is rotated, and the one that there is is named to forget its key", async () => {
  const own = await newRoot("CN=own");
  const [certificate, key] = [join(home, "own.pem"), join(home, "own.key")];
  writeFileSync(certificate, own.certificate);
  writeFileSync(key, own.key);
  const named = ["cluster", "ca", "--rotate", "--ca-cert", certificate];
  expect(await swarmctl(...named, "--ca-key", key)).toContain("the root is being rotated");
  await until("the new root", async () => {
    return (await swarmctl("cluster", "ca")).trim() === own.certificate.trim() || null;
  });
  const by = ["--external-ca", "protocol=cfssl,url=https://127.0.0.1:1"];
  expect(await swarmctl(...named, ...by)).toContain("the managers have its key no more");
  expect(await swarmctl(...named, "--ca-key", key)).toContain("the managers have its key now");
});

test("a manager is locked, shows its unlock key, and is backed up", async () => {
  await expect(swarmctl("cluster", "unlock-key")).rejects.toThrow("'swarmctl cluster update");
  const locked = await swarmctl("cluster", "update", "--autolock");
  expect(locked).toMatch(/cluster updated\nTo open a manager .*\n\n {4}SWMKEY-1-.{43}\n/);
  const before = await swarmctl("cluster", "unlock-key", "-q");
  expect(locked).toContain(before.trim());
  const second = await swarmctl("cluster", "unlock-key", "-q", "--rotate");
  expect(second).not.toBe(before);
  const third = await swarmctl("cluster", "update", "--rotate-unlock-key");
  expect(third).toMatch(/cluster updated\nTo open a manager .*\n\n {4}SWMKEY-1-.{43}\n/);
  expect(third).not.toContain(second.trim());
  expect(await swarmctl("cluster", "inspect")).not.toContain("SWMKEY");
  const { address, folder } = cluster.first;
  const byKey = ["-s", address, "--identity", join(folder, "certificates")];
  await until("the sealed key", async () => {
    const refusal = await swarmctl(...byKey, "node", "ls").catch((error: Error) => error.message);
    return refusal.includes("is sealed, for the managers are locked") ? true : null;
  });
  expect(await swarmctl("cluster", "update", "--no-autolock")).toBe("cluster updated\n");
  await until("the open key", async () => swarmctl(...byKey, "node", "ls").catch(() => null));
  await expect(swarmctl("cluster", "backup", "/nowhere/at/all")).rejects.toThrow(
    "can't write /nowhere/at/all",
  );
});

test("credentials for an image go to the nodes with the service, and are not shown", async () => {
  const create = ["service", "create", "--with-registry-auth", "--replicas", "0", ...sleeping];
  const warned = await swarmctl(...create, "--name", "open");
  expect(warned).toMatch(/^no credentials for https:\/\/index.docker.io\/v1\/ in .*docker login/);
  const auths = { "https://index.docker.io/v1/": { auth: "bWU6c2VjcmV0" } };
  writeFileSync(join(home, "config.json"), JSON.stringify({ auths }));
  await swarmctl(...create, "--name", "closed");
  const authOf = async (name: string) => {
    const all = (await cluster.first.client.query({ kind: "list-services" })) as Service[];
    return all.find(({ spec }) => spec.name === name)?.spec.task.container.registryAuth;
  };
  const sent = await authOf("closed");
  expect(Buffer.from(sent ?? "", "base64").toString()).toContain('"password":"secret"');
  await swarmctl("service", "update", "closed", "-e", "A=1", "--no-wait");
  expect(await authOf("closed")).toBe(sent);
  expect(await swarmctl("service", "inspect", "closed")).not.toContain(sent);
  await swarmctl("service", "update", "open", "--with-registry-auth", "--no-wait");
  expect(await authOf("open")).toBe(sent);
  await swarmctl("service", "rm", "open", "closed");
});

test("every list comes as ids alone too", async () => {
  await swarmctl("network", "create", "--name", "listed", "--driver", "bridge");
  for (const what of ["node", "network", "cluster"]) {
    expect(await swarmctl(what, "ls", "-q")).toMatch(/^[0-9a-z]+\n$/);
  }
  expect(await swarmctl("task", "ls", "-q")).toBe("");
  await swarmctl("network", "rm", "listed");
});

test("volumes are created, changed and removed", async () => {
  await swarmctl("volume", "create", "data", "--label", "a=b");
  await swarmctl("volume", "update", "data", "--availability", "drain");
  expect(await swarmctl("volume", "ls")).toMatch(/data +local +drain/);
  await swarmctl("volume", "remove", "data");
});

test("networks are created, attached to, kept while in use, and removed", async () => {
  await swarmctl("network", "create", "back", "--internal", "--label", "a=b");
  await swarmctl("network", "create", "local", "--driver", "bridge", "--ipv6");
  expect(await swarmctl("network", "ls")).toMatch(/back +overlay +[\d.]+\/\d+ +true/);
  expect(await swarmctl("network", "ls")).toMatch(/local +bridge +false/);
  await expect(swarmctl("network", "create", "six", "--ipv6")).rejects.toThrow("IPv4 only");
  expect(await swarmctl("network", "inspect", "back")).toContain("internal: true");
  await swarmctl("service", "create", "--name", "inside", "--network", "back", ...sleeping);
  await expect(swarmctl("network", "rm", "back")).rejects.toThrow("in use by");
  await swarmctl("service", "remove", "inside");
  expect(await swarmctl("network", "rm", "back")).toBe("back\n");
});

test("contexts keep clusters by name", async () => {
  await swarmctl("context", "add", "here", cluster.first.socket);
  await swarmctl("context", "add", "there", "10.0.0.1:4242", "--identity", "certificates");
  expect(await swarmctl("context", "ls")).toMatch(/\* +here/);
  expect(JSON.parse(await swarmctl("--format", "json", "context", "ls"))).toMatchObject([
    { name: "here", address: cluster.first.socket, isCurrent: true },
    { name: "there", address: "10.0.0.1:4242", isCurrent: false },
  ]);
  await swarmctl("context", "use", "there");
  expect(await swarmctl("context", "ls")).toMatch(/\* +there +10.0.0.1:4242/);
  expect(await swarmctl("--context", "here", "node", "ls")).toContain("m1");
  await expect(swarmctl("--context", "nowhere", "node", "ls")).rejects.toThrow("context add");
  await expect(swarmctl("context", "add", "typo", "10.0.0.1")).rejects.toThrow("write host:port");
  expect(await swarmctl("context", "remove", "there")).toBe(
    "none is the current one now: 'swarmctl context use NAME' makes one of here it\n",
  );
});

test("a manager is reached over TLS by who has a manager's certificates", async () => {
  const { address, folder } = cluster.first;
  const identity = join(folder, "certificates");
  const remote = await swarmctl("-s", address, "--identity", identity, "node", "ls");
  expect(remote).toContain("m1");
  await expect(swarmctl("-s", address, "node", "ls")).rejects.toThrow("name its folder");
  await expect(swarmctl("-s", "sock", "node", "ls")).rejects.toThrow("'sock' is no address");
});

test("a node on standby founds a cluster, another joins it, and both leave", async () => {
  const [one, two] = [
    await cluster.node("one", "--standby"),
    await cluster.node("two", "--standby"),
  ];
  const on = ({ socket }: RealNode, ...words: string[]) =>
    swarmctl("-s", `unix://${socket}`, "cluster", ...words);
  const isInNone = "this node is in no cluster";
  for (const node of [one, two]) {
    node.start();
    await until("a node on standby", () =>
      on(node, "inspect").then(
        () => null,
        ({ message }: Error) => message.includes(isInNone) || null,
      ),
    );
  }
  await expect(on(one, "leave")).rejects.toThrow("This node is not part of a swarm");
  await expect(on(one, "join", "127.0.0.1:1")).rejects.toThrow("name --token");
  await expect(on(one, "join", one.address, "--token", "x")).rejects.toThrow("invalid join token");
  const authority = "protocol=cfssl,url=https://127.0.0.1:1/sign,team=a";
  const bad = on(one, "init", "--external-ca", authority.replace("https", "http"));
  await expect(bad).rejects.toThrow('"http://127.0.0.1:1/sign": it must be https://');
  const founded = await on(one, "init", "--external-ca", authority);
  expect(founded).toContain(`${one.id} is now a manager`);
  expect(await on(one, "inspect")).toMatch(/externalCas:\n +- protocol: cfssl\n.*\n.*\n +team: a/);
  await on(one, "update", "--no-external-ca");
  await expect(on(one, "init")).rejects.toThrow("already part of a swarm");
  const token = (await on(one, "join-token", "worker", "--quiet")).trim();
  const place = ["--advertise-addr", "127.0.0.9", "--availability", "drain"];
  await on(two, "join", one.address, "--token", token, ...place);
  const [, joined] = await cluster.listed(one.client).then((nodes) => {
    return [...nodes].sort((left) => (left.id === one.id ? -1 : 1));
  });
  expect(joined).toMatchObject({
    ...{ id: two.id, spec: { availability: "drain" } },
    description: { address: "127.0.0.9" },
  });
  const begun = performance.now();
  await expect(on(two, "inspect")).rejects.toThrow("Please run this command on a manager node");
  expect(performance.now() - begun).toBeLessThan(20_000);
  expect(await on(two, "leave")).toContain("the node has left its cluster");
  await expect(on(one, "leave")).rejects.toThrow("this node is a manager: with --force");
  await on(one, "leave", "--force");
  await expect(on(one, "inspect")).rejects.toThrow(isInNone);
});

test("words that are no command, option or value are refused with what there is", async () => {
  await expect(swarmctl("srvice", "ls")).rejects.toThrow("unknown command 'srvice'");
  await expect(swarmctl("service", "create", "--nam", "x")).rejects.toThrow("--name");
  const refused = swarmctl("service", "create", "--name", "bad name", ...sleeping);
  await expect(refused).rejects.toThrow("name must be valid as a DNS name component");
  await expect(swarmctl("service", "scale", "web")).rejects.toThrow("write web=3");
  await expect(swarmctl("service", "scale", "web=3=4")).rejects.toThrow("says no count");
});

test("errors that have SwarmKit's words say what to do besides", async () => {
  const said = async (...words: string[]) => {
    const { code, err } = await ran("swarmctl", ["-s", cluster.first.socket, ...words]);
    expect(code).toBe(1);
    return err;
  };
  expect(await said("node", "rm", "m1")).toContain("\n'swarmctl node demote' does that.");
  expect(await said("node", "demote", "m1")).toContain("\nPromote another node first.");
  expect(await said("cluster", "update", "--taskhistory", "few")).toContain("'few' is no count");
});

test("events come one a line, and whole as JSON", async () => {
  const words = ["-s", cluster.first.socket, "--format", "json", "events", "--type", "config"];
  const events = running("swarmctl", words);
  const file = join(home, "event");
  writeFileSync(file, "text");
  const seen = until("the event", async () => {
    await swarmctl("config", "create", `event-${Date.now()}`, file);
    const [first, rest] = events.out.split("\n");
    return rest === undefined ? null : (first ?? "");
  });
  expect(JSON.parse(await seen)).toMatchObject({ previous: null, current: { kind: "config" } });
  events.child.kill("SIGINT");
  expect(await events.ended).toBe(0);
});

test("who stops waiting is told that it goes on, and how to look", async () => {
  const create = ["service", "create", "--name", "waited", "--wait", ...sleeping];
  const words = ["-s", cluster.first.socket, ...create, "--constraint", "node.labels.a==b"];
  const waiting = running("swarmctl", words);
  await until("the first line", async () => waiting.out.includes("0 of 1") || null);
  waiting.child.kill("SIGINT");
  expect(await waiting.ended).toBe(130);
  expect(waiting.out).toContain("'swarmctl service ps waited' shows how far it is");
  await swarmctl("service", "rm", "waited");
});

test("where no manager is, that is said before anybody loses patience", async () => {
  const begun = performance.now();
  const nobody = await ran("swarmctl", ["--socket", "/nowhere.sock", "node", "ls"]);
  expect(performance.now() - begun).toBeLessThan(20_000);
  expect(nobody).toMatchObject({ code: 1, out: "" });
  expect(nobody.err).toContain("can't reach /nowhere.sock: there is no such file or folder");
  expect(nobody.err).toContain("Is swarmd running, and is this its socket?");
});

test("who presses Tab is offered the names of what there is", async () => {
  await swarmctl("service", "create", "--name", "tabbed", "--replicas", "0", ...sleeping);
  const offered = (...words: string[]) => swarmctl("__complete", "--", ...words);
  expect(await offered("service", "inspect", "tab")).toBe("tabbed\n");
  expect(await offered("service", "scale", "tab")).toBe("tabbed=\n");
  expect(await offered("node", "promote", "")).toBe("m1\n");
  expect(await offered("-s", "/nowhere.sock", "service", "inspect", "")).toBe("");
  await swarmctl("service", "rm", "tabbed");
});
