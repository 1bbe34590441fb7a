import { describe, expect, test } from "vitest";
import { config, secret, task } from "../../support/model.ts";
import { AgentHost } from "./agent-host.ts";

// Goal: a task gets the files that it names, and its node knows no others and none for longer.

const named = (id: string, ...secrets: string[]) => task(id, { state: "ASSIGNED", secrets });

const base64 = (text: string) => Buffer.from(text, "utf8").toString("base64");

function prepared(worker: AgentHost) {
  return worker.requests.flatMap((each) => (each.kind === "prepare" ? each.files : []));
}

describe("secrets and configs", () => {
  test("are handed to the container that names them, at the paths that it wants", () => {
    const one = task("a", { state: "ASSIGNED", secrets: ["key"], configs: ["motd"] });
    const worker = new AgentHost().open().supply(secret("key", "a2V5"), config("motd", "aGk="));
    worker.assign(one).sync();
    expect(prepared(worker)).toEqual([
      { target: "/run/secrets/key", uid: "0", gid: "0", mode: 0o444, data: "a2V5" },
      { target: "/motd", uid: "0", gid: "0", mode: 0o444, data: "aGk=" },
    ]);
  });

  test("that are missing make the task fail before it starts, and say which", () => {
    const worker = new AgentHost().open().assign(named("a", "key")).sync();
    expect(worker.state("a")).toBe("REJECTED");
    const [rejected] = worker.agent.tasks();
    expect(rejected?.status.err).toBe("key is gone: no such secret or config");
    expect(prepared(worker)).toEqual([]);
  });

  test("that are templates are filled in, in UTF-8, and others are not", () => {
    const text =
      'é {{.Task.Slot}} on {{.Node.Hostname}}, {{env "NAME"}}{{env "NONE"}}: {{secret "key"}}';
    const templating = "golang" as const;
    const filled = {
      ...config("motd"),
      spec: { ...config("motd").spec, data: base64(text), templating },
    };
    const plain = config("plain", base64(text));
    const one = task("a", { state: "ASSIGNED", secrets: ["key"], configs: ["motd", "plain"] });
    const container = { ...one.spec.container, env: ["NAME=ü-{{.Task.Slot}}"] };
    const worker = new AgentHost().open().supply(secret("key", base64("ö")), filled, plain);
    worker.assign({ ...one, slot: 3, spec: { ...one.spec, container } }).sync();
    const said = prepared(worker).map(({ data }) => Buffer.from(data, "base64").toString("utf8"));
    expect(said).toEqual(["ö", "é 3 on w1, ü-3: ö", text]);
  });

  test("that are templates are texts as Go has them, and bytes that are no text stay", () => {
    const templating = "golang" as const;
    const text = Buffer.concat([
      Buffer.of(0xff, 0xc3),
      Buffer.from('é{{with secret "key"}}{{len .}} {{slice . 2}} {{printf "%3s|%x" . .}}{{end}}'),
      Buffer.from('{{slice "é" 0 1}}'),
    ]);
    const spec = { ...config("motd").spec, data: text.toString("base64"), templating };
    const one = task("a", { state: "ASSIGNED", secrets: ["key"], configs: ["motd"] });
    const worker = new AgentHost().open();
    worker
      .supply(secret("key", base64("öä")), { ...config("motd"), spec })
      .assign(one)
      .sync();
    const made = Buffer.from(prepared(worker)[1]?.data ?? "", "base64");
    const said = Buffer.from("é4 ä  öä|c3b6c3a4");
    expect(made).toEqual(Buffer.concat([Buffer.of(0xff, 0xc3), said, Buffer.of(0xc3)]));
  });

  test("whose placeholders mean nothing make the task fail, and say which", () => {
    const templating = "golang" as const;
    const bad = {
      ...config("motd"),
      spec: { ...config("motd").spec, data: base64('{{secret "x"}}'), templating },
    };
    const worker = new AgentHost().open().supply(bad);
    worker.assign(task("a", { state: "ASSIGNED", configs: ["motd"] })).sync();
    expect(worker.state("a")).toBe("REJECTED");
    const [rejected] = worker.agent.tasks();
    expect(rejected?.status.err).toBe(
      'can\'t fill in {{secret "x"}}: error calling secret: there is no secret of that name',
    );
  });

  test("are forgotten with the last task that names them", () => {
    const worker = new AgentHost().open().supply(secret("key"), secret("other"));
    worker.assign(named("a", "key"), named("b", "key"), named("c", "other")).sync();
    expect(worker.agent.files()).toEqual(["key", "other"]);
    worker.change([], ["a", "c"]).sync();
    for (const id of ["a", "c"]) worker.executed({ kind: "stopped", task: id }).sync();
    expect(worker.agent.files()).toEqual(["key"]);
    worker.change([], ["b"]).sync();
    worker.executed({ kind: "stopped", task: "b" }).sync();
    expect(worker.agent.files()).toEqual([]);
  });

  test("are forgotten once it has ended, though its container is kept", () => {
    const worker = new AgentHost().open().supply(secret("key")).assign(named("a", "key")).sync();
    worker.executed({ kind: "prepared", task: "a" }).sync();
    worker.executed({ kind: "started", task: "a" }).sync();
    worker.executed({ kind: "exited", task: "a", exitCode: 0 }).sync();
    expect([worker.state("a"), worker.agent.files()]).toEqual(["COMPLETE", []]);
  });

  test("are not kept for a task that has ended, though the leader does not know it yet", () => {
    const before = new AgentHost().open().supply(secret("key")).assign(named("a", "key")).sync();
    before.executed({ kind: "prepared", task: "a" }).sync();
    before.executed({ kind: "started", task: "a" }).sync();
    before.executed({ kind: "exited", task: "a", exitCode: 0 }).sync();
    const after = new AgentHost({ tasks: [...before.disk.values()] }).open().sync();
    after
      .supply(secret("key"))
      .assign(task("a", { state: "RUNNING", secrets: ["key"] }))
      .sync();
    expect(after.agent.files()).toEqual([]);
  });

  test("are on no disk: after a crash the task waits until the leader sends them again", () => {
    const before = new AgentHost().open().supply(secret("key")).assign(named("a", "key")).sync();
    const after = new AgentHost({ tasks: [...before.disk.values()] }).open().sync();
    expect(after.agent.files()).toEqual([]);
    expect(prepared(after)).toEqual([]);
    after.supply(secret("key", "YWdhaW4=")).assign(named("a", "key")).sync();
    expect(prepared(after)).toMatchObject([{ data: "YWdhaW4=" }]);
  });

  test("are not asked for by a task that is to stop before it has them", () => {
    const before = new AgentHost().open().supply(secret("key")).assign(named("a", "key")).sync();
    const after = new AgentHost({ tasks: [...before.disk.values()] }).open().sync();
    after.assign().sync();
    expect(after.asked()).toContain("shutdown a");
  });
});
