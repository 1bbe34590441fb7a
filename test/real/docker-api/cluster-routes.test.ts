import { beforeEach, describe, expect, test } from "vitest";
import { DockerRequests, filters } from "../../support/docker-requests.ts";
import { task } from "../../support/model.ts";

// Goal: each endpoint does to the cluster's objects what Docker's does, and answers with its
// statuses and words.
// Method: requests to the routes, with core's own control behind them.

let docker: DockerRequests;
beforeEach(async () => {
  docker = await DockerRequests.with();
});

const spec = (Name: string, fields: object = {}) => ({
  Name,
  TaskTemplate: { ContainerSpec: { Image: "busybox", ...fields } },
});

async function created(Name: string, fields: object = {}): Promise<string> {
  const { status, body } = await docker.ask("POST", "/services/create", {
    ...spec(Name),
    ...fields,
  });
  expect({ status, body }).toMatchObject({ status: 201 });
  return body.ID;
}

const refusal = (status: number, message: string) => ({ status, body: { message } });
describe("/services", () => {
  test("creates, shows, changes, rolls back and removes one", async () => {
    const id = await created("web", { Labels: { tier: "front" } });
    const shown = await docker.ask("GET", `/services/${id.slice(0, 6)}`);
    expect(shown.body).toMatchObject({ ID: id, Spec: { Name: "web", Labels: { tier: "front" } } });
    expect(shown.body.Spec.UpdateConfig).toBeUndefined();
    expect(shown.body.Spec.TaskTemplate.Placement).toEqual({});
    const whole = await docker.ask("GET", "/services/web?insertDefaults=true");
    expect(whole.body.Spec.UpdateConfig).toMatchObject({ Parallelism: 1, Monitor: 5e9 });
    const listed = await docker.ask("GET", "/services?insertDefaults=true");
    expect(listed.body[0].Spec.UpdateConfig).toBeUndefined();
    const { Version, Spec } = shown.body;
    Spec.Mode.Replicated.Replicas = 3;
    Spec.TaskTemplate.ContainerSpec.Env = ["A=1"];
    const path = `/services/web/update?version=${Version.Index}`;
    expect(await docker.ask("POST", path, Spec)).toEqual({
      status: 200,
      body: { Warnings: null },
    });
    const changed = (await docker.ask("GET", "/services/web")).body;
    expect(changed).toMatchObject({
      Spec: { Mode: { Replicated: { Replicas: 3 } } },
      PreviousSpec: { Mode: { Replicated: { Replicas: 1 } } },
    });
    const back = `/services/web/update?version=${changed.Version.Index}&rollback=previous`;
    expect(await docker.ask("POST", back, changed.Spec)).toMatchObject({ status: 200 });
    expect((await docker.ask("GET", "/services/web")).body).toMatchObject({
      Spec: { Mode: { Replicated: { Replicas: 1 } } },
      UpdateStatus: { State: "rollback_started", Message: "manually requested rollback" },
    });
    expect(await docker.ask("DELETE", "/services/web")).toEqual({ status: 200, body: null });
    expect((await docker.ask("GET", "/services")).body).toEqual([]);
  });

  test("refuses in Docker's words", async () => {
    await created("web");
    const { Version } = (await docker.ask("GET", "/services/web")).body;
    const unchanged = `/services/web/update?version=${Version.Index}`;
    const name = "rpc error: code = AlreadyExists desc = name conflicts with an existing object: ";
    expect([
      await docker.ask("POST", "/services/create", spec("web")),
      await docker.ask("POST", "/services/create", {}),
      await docker.ask("POST", "/services/create", spec("bad name!")),
      await docker.ask("GET", "/services/nosuch"),
      await docker.ask("DELETE", "/services/nosuch"),
      await docker.ask("POST", "/services/web/update?version=1", spec("web")),
      await docker.ask("POST", "/services/web/update", spec("web")),
      await docker.ask("GET", `/services?${filters({ colour: ["red"] })}`),
      await docker.ask("GET", "/services?filters=x"),
      await docker.ask("GET", `/services?${filters({ id: [1] })}`),
      await docker.ask("POST", `${unchanged}&registryAuthFrom=x`, spec("web")),
      await docker.ask("POST", `${unchanged}&registryAuthFrom=previous-spec`, spec("web")),
    ]).toEqual([
      refusal(409, `${name}service web already exists`),
      refusal(400, "mismatched Runtime and *Spec fields"),
      refusal(
        400,
        "rpc error: code = InvalidArgument desc = name must be valid as a DNS name component",
      ),
      refusal(404, "service nosuch not found"),
      refusal(404, "service nosuch not found"),
      refusal(500, "rpc error: code = Unknown desc = update out of sequence"),
      refusal(400, "invalid service version '': it must be the number that was read"),
      refusal(400, "invalid filter 'colour'"),
      refusal(400, "invalid filters: 'x' is no object in JSON"),
      refusal(400, "invalid filter 'id': its values must be a list of texts"),
      refusal(400, "unsupported registryAuthFrom value"),
      refusal(400, "service does not have a previous spec"),
    ]);
  });

  test("lists by every filter, and says how far each is", async () => {
    const web = await created("web", { Labels: { tier: "front" } });
    await created("agent", { Mode: { Global: {} } });
    docker.store.restore({
      ...docker.store.snapshot(),
      objects: [
        ...docker.store.snapshot().objects,
        task("t1", { service: web, slot: 1, state: "RUNNING" }),
        task("t2", { service: web, slot: 1, state: "FAILED", desired: "SHUTDOWN" }),
      ],
    });
    const named = async (wanted: object) => {
      const { body } = await docker.ask("GET", `/services?status=true&${filters(wanted)}`);
      return body.map((each: { Spec: { Name: string } }) => each.Spec.Name);
    };
    expect(await named({ name: { we: true } })).toEqual(["web"]);
    expect(await named({ id: [web.slice(0, 8)] })).toEqual(["web"]);
    expect(await named({ label: ["tier=front"] })).toEqual(["web"]);
    expect(await named({ label: ["tier=back"] })).toEqual([]);
    expect(await named({ mode: ["global"] })).toEqual(["agent"]);
    expect(await named({ mode: ["global", "replicated"] })).toHaveLength(2);
    expect((await docker.ask("GET", "/services?filters=null")).body).toHaveLength(2);
    const { body } = await docker.ask("GET", `/services?status=1&${filters({ name: ["web"] })}`);
    expect(body[0].ServiceStatus).toEqual({
      RunningTasks: 1,
      DesiredTasks: 1,
      CompletedTasks: 0,
    });
  });

  test("counts of a job what this run of it has done, and what may run at a time", async () => {
    const id = await created("job", {
      Mode: { ReplicatedJob: { MaxConcurrent: 2, TotalCompletions: 3 } },
    });
    const { objects, ...rest } = docker.store.snapshot();
    const done = { service: id, desired: "COMPLETE" } as const;
    docker.store.restore({
      ...rest,
      objects: [
        ...objects,
        task("t1", { ...done, job: 0, slot: 1, state: "COMPLETE" }),
        task("t2", { ...done, job: 0, slot: 2, state: "RUNNING" }),
        task("t3", { ...done, job: 1, slot: 1, state: "RUNNING" }),
      ],
    });
    const { body } = await docker.ask("GET", "/services?status=true");
    expect(body[0]).toMatchObject({
      JobStatus: { JobIteration: { Index: 0 } },
      ServiceStatus: { RunningTasks: 1, DesiredTasks: 2, CompletedTasks: 1 },
    });
    // From 0, which is left out: the CLI waits for the job by these numbers.
    const tasks = (await docker.ask("GET", "/tasks")).body;
    expect(tasks.map(({ Slot }: { Slot?: number }) => Slot)).toEqual([undefined, 1, undefined]);
  });

  test("keeps who may pull the image, and what only swarmctl has words for", async () => {
    await created("db");
    const id = await created("web");
    const service = docker.store.services.get(id);
    if (service === undefined) throw new Error("the service is not there");
    const { container } = service.spec.task;
    const own = {
      ...service.spec,
      dependsOn: ["db"],
      task: { ...service.spec.task, container: { ...container, registryAuth: "e30=" } },
    };
    docker.store.restore({
      ...docker.store.snapshot(),
      objects: docker.store
        .snapshot()
        .objects.map((each) => (each.id === id ? { ...service, spec: own } : each)),
    });
    const { body } = await docker.ask("GET", "/services/web");
    const path = `/services/web/update?version=${body.Version.Index}`;
    await docker.ask("POST", path, { ...body.Spec, Labels: { a: "b" } });
    expect(docker.store.services.get(id)?.spec).toMatchObject({
      labels: new Map([["a", "b"]]),
      dependsOn: ["db"],
      task: { container: { registryAuth: "e30=" } },
    });
  });
});

describe("/tasks", () => {
  test("are listed by every filter and shown with their states", async () => {
    const web = await created("web", { Labels: { tier: "front" } });
    docker = await DockerRequests.with(
      ...docker.store.snapshot().objects.filter(({ kind }) => kind === "service"),
      task("t1", { service: web, slot: 1, node: "w1", state: "RUNNING" }),
      task("t2", { service: web, slot: 2, node: "m1", state: "FAILED", desired: "SHUTDOWN" }),
      task("t3", { service: "other", slot: 1, state: "PENDING" }),
    );
    const ids = async (wanted: object) => {
      const { body } = await docker.ask("GET", `/tasks?${filters(wanted)}`);
      return Array.isArray(body) ? body.map(({ ID }: { ID: string }) => ID) : body.message;
    };
    expect(await ids({})).toEqual(["t1", "t2", "t3"]);
    expect(await ids({ service: ["web"] })).toEqual(["t1", "t2"]);
    expect(await ids({ node: ["w1"] })).toEqual(["t1"]);
    expect(await ids({ "desired-state": ["shutdown"] })).toEqual(["t2"]);
    expect(await ids({ id: { t3: true } })).toEqual(["t3"]);
    expect(await ids({ "_up-to-date": ["true"], service: [web] })).toEqual(["t1", "t2"]);
    expect(await ids({ "_up-to-date": ["false"], service: [web] })).toEqual(["t1", "t2"]);
    expect(await ids({ label: ["tier=front"] })).toEqual(["t1", "t2"]);
    expect(await ids({ label: ["tier=back"] })).toEqual([]);
    expect(await ids({ service: ["nosuch"] })).toBe("service nosuch not found");
    expect(await ids({ "desired-state": ["bogus"] })).toBe("invalid desired-state filter: 'bogus'");
    const { body } = await docker.ask("GET", "/tasks/t1");
    expect(body).toMatchObject({
      ID: "t1",
      ServiceID: web,
      NodeID: "w1",
      DesiredState: "running",
      Status: { State: "running", PortStatus: {} },
    });
    expect(await docker.ask("GET", "/tasks/nosuch")).toEqual(refusal(404, "task nosuch not found"));
  });
});

describe("/nodes", () => {
  test("are listed, shown with their certificates' root, changed and removed", async () => {
    const { body } = await docker.ask("GET", `/nodes?${filters({ role: ["worker"] })}`);
    expect(body).toHaveLength(1);
    const [worker] = body;
    expect(worker).toMatchObject({
      ID: "w1",
      Spec: { Role: "worker", Availability: "active" },
      Description: {
        Hostname: "w1",
        TLSInfo: { TrustRoot: expect.stringContaining("BEGIN CERTIFICATE") },
      },
      Status: { State: "ready" },
    });
    const path = `/nodes/w1/update?version=${worker.Version.Index}`;
    const bogus = { ...worker.Spec, Availability: "bogus" };
    expect(await docker.ask("POST", path, bogus)).toEqual(
      refusal(400, 'invalid Availability: "bogus"'),
    );
    expect(await docker.ask("POST", path, { Role: "worker" })).toEqual(
      refusal(400, 'invalid Availability: ""'),
    );
    expect(await docker.ask("POST", path, { Availability: "active" })).toEqual(
      refusal(400, 'invalid Role: ""'),
    );
    const changed = { ...worker.Spec, Availability: "Drain", Labels: { zone: "a" } };
    expect(await docker.ask("POST", path, changed)).toMatchObject({ status: 200 });
    const labelled = `/nodes?${filters({ "node.label": ["zone=a"] })}`;
    expect((await docker.ask("GET", labelled)).body).toHaveLength(1);
    expect(await docker.ask("DELETE", "/nodes/w1")).toEqual(
      refusal(
        400,
        "rpc error: code = FailedPrecondition desc = node w1 is not down and can't be removed",
      ),
    );
    expect(await docker.ask("DELETE", "/nodes/w1?force=1")).toMatchObject({ status: 200 });
    expect(await docker.ask("GET", "/nodes/w1")).toEqual(refusal(404, "node w1 not found"));
    const manager = (await docker.ask("GET", "/nodes/m1")).body;
    expect(manager.ManagerStatus).toMatchObject({ Addr: "10.0.0.1:4242" });
  });
});

describe.each(["secret", "config"] as const)("/%ss", (kind) => {
  test("are created, listed, shown, labelled and removed", async () => {
    const Templating = { Name: "golang" };
    const file = { Name: "key", Labels: { a: "b" }, Data: "a2V5", Templating };
    const { status, body } = await docker.ask("POST", `/${kind}s/create`, file);
    expect(status).toBe(201);
    const shown = (await docker.ask("GET", `/${kind}s/key`)).body;
    const Data = kind === "secret" ? {} : { Data: "a2V5" };
    expect(shown).toMatchObject({
      ID: body.ID,
      Spec: { Name: "key", Labels: { a: "b" }, ...Data, Templating },
    });
    expect("Data" in shown.Spec).toBe(kind === "config");
    const path = `/${kind}s/key/update?version=${shown.Version.Index}`;
    expect(await docker.ask("POST", path, { Name: "key", Labels: { c: "d" } })).toMatchObject({
      status: 200,
    });
    expect(await docker.ask("POST", path, { Name: "key", Data: "eHg=" })).toMatchObject(
      refusal(400, "rpc error: code = InvalidArgument desc = only updates to Labels are allowed"),
    );
    const labelled = `/${kind}s?${filters({ label: ["c=d"], name: ["ke"] })}`;
    expect((await docker.ask("GET", labelled)).body).toHaveLength(1);
    expect(await docker.ask("POST", `/${kind}s/create`, file)).toEqual(
      refusal(409, `rpc error: code = AlreadyExists desc = ${kind} key already exists`),
    );
    expect(await docker.ask("DELETE", `/${kind}s/key`)).toEqual({ status: 204, body: null });
    expect(await docker.ask("DELETE", `/${kind}s/key`)).toEqual(
      refusal(404, `${kind} key not found`),
    );
  });

  test("are refused with what is not kept here", async () => {
    const file = { Name: "key", Data: "a2V5", Driver: { Name: "vault" } };
    expect(await docker.ask("POST", `/${kind}s/create`, file)).toEqual(
      refusal(400, "Driver is not supported by this cluster"),
    );
    const other = { Name: "key", Data: "a2V5", Templating: { Name: "jinja" } };
    expect(await docker.ask("POST", `/${kind}s/create`, other)).toEqual(
      refusal(400, 'Templating.Name "jinja" is not supported by this cluster: there is golang'),
    );
  });
});

describe("/swarm", () => {
  test("is shown, changed and its tokens replaced", async () => {
    const { body } = await docker.ask("GET", "/swarm");
    expect(body).toMatchObject({
      Spec: { Orchestration: { TaskHistoryRetentionLimit: 5 }, Raft: { ElectionTick: 10 } },
      JoinTokens: { Worker: expect.stringContaining("SWMTKN-1-") },
      RootRotationInProgress: false,
    });
    const Spec = { ...body.Spec, Orchestration: { TaskHistoryRetentionLimit: 2 } };
    const path = `/swarm/update?version=${body.Version.Index}`;
    expect(await docker.ask("POST", `${path}&rotateWorkerToken=true`, Spec)).toMatchObject({
      status: 200,
    });
    const after = (await docker.ask("GET", "/swarm")).body;
    expect(after.Spec.Orchestration.TaskHistoryRetentionLimit).toBe(2);
    expect(after.JoinTokens.Worker).not.toBe(body.JoinTokens.Worker);
    expect(after.JoinTokens.Manager).toBe(body.JoinTokens.Manager);
  });

  test("keeps labels and a log driver for its tasks, until others are said", async () => {
    const change = async (fields: object) => {
      const { Version } = (await docker.ask("GET", "/swarm")).body;
      await docker.ask("POST", `/swarm/update?version=${Version.Index}`, fields);
      return (await docker.ask("GET", "/swarm")).body.Spec;
    };
    const LogDriver = { Name: "json-file", Options: { "max-size": "1m" } };
    const Labels = { team: "a" };
    expect(await change({ Labels, TaskDefaults: { LogDriver } })).toMatchObject({
      Labels,
      TaskDefaults: { LogDriver },
    });
    expect(await change({})).toMatchObject({ Labels, TaskDefaults: { LogDriver } });
    expect(await change({ Labels: {} })).toMatchObject({ Labels: {} });
    const none = { TaskDefaults: { LogDriver: { Name: "" } } };
    expect((await change(none)).TaskDefaults).toEqual({});
  });

  test("has an unlock key once managers are locked", async () => {
    const { body } = await docker.ask("GET", "/swarm");
    expect((await docker.ask("GET", "/swarm/unlockkey")).body).toEqual({ UnlockKey: "" });
    const Spec = { ...body.Spec, EncryptionConfig: { AutoLockManagers: true } };
    await docker.ask("POST", `/swarm/update?version=${body.Version.Index}`, Spec);
    const { UnlockKey } = (await docker.ask("GET", "/swarm/unlockkey")).body;
    expect(UnlockKey).toMatch(/^SWMKEY-1-/);
    const { Version } = (await docker.ask("GET", "/swarm")).body;
    const rotating = `/swarm/update?version=${Version.Index}&rotateManagerUnlockKey=1`;
    await docker.ask("POST", rotating, Spec);
    expect((await docker.ask("GET", "/swarm/unlockkey")).body.UnlockKey).not.toBe(UnlockKey);
  });

  test("is left by a manager by force only, and is not locked", async () => {
    expect((await docker.ask("POST", "/swarm/leave")).body.message).toContain(
      "Removing the last manager erases all current state of the swarm.",
    );
    expect(await docker.ask("POST", "/swarm/leave?force=true")).toMatchObject({ status: 501 });
    expect(await docker.ask("POST", "/swarm/unlock", {})).toEqual(
      refusal(409, "swarm is not locked"),
    );
  });

  test.each([
    [{ Name: "other" }, "modification of cluster name is not allowed"],
    [{ Raft: { ElectionTick: 3 } }, "'swarmd --election-tick'"],
    [{ Raft: { KeepOldSnapshots: 1 } }, "Raft.KeepOldSnapshots is not supported"],
    [{ CAConfig: { ExternalCAs: [{ Protocol: "acme", URL: "x" }] } }, 'invalid protocol: "acme"'],
    [{ CAConfig: { ExternalCAs: [{ Protocol: "cfssl", URL: "x" }] } }, "invalid external CA URL"],
    [{ CAConfig: { SigningCACert: "x" } }, "the root certificate is no PEM"],
    [{ CAConfig: { SigningCAKey: "x" } }, "SigningCACert is needed"],
    [
      { TaskDefaults: { LogDriver: { Mode: "x" } } },
      "TaskDefaults.LogDriver.Mode is not supported",
    ],
  ])("refuses %j", async (fields, words) => {
    const { body } = await docker.ask("GET", "/swarm");
    const path = `/swarm/update?version=${body.Version.Index}`;
    const answered = await docker.ask("POST", path, fields);
    expect(answered.status).toBe(400);
    expect(answered.body.message).toContain(words);
  });
});
