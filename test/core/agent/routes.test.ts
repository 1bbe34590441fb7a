import { describe, expect, test } from "vitest";
import type { Route, ServingTask } from "../../../core/model/ingress.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import { serving, task } from "../../support/model.ts";
import { AgentHost } from "./agent-host.ts";

// Goal: a node's published ports lead where the leader said last; a task that others may still
// connect to is left alone for a moment before it is stopped.

function served(name: string, address: string, publishedPort = 8080): ServingTask {
  return { task: name, address, ports: [{ protocol: "tcp", publishedPort, hostPort: 32_768 }] };
}

/** `8080 -> a@10.0.0.1`. */
function shown(routes: readonly Route[]): string[] {
  return routes.map(({ publishedPort, backends }) => {
    const to = backends.map(({ task: name, address }) => `${name}@${address}`);
    return `${publishedPort} -> ${to.join(" ")}`;
  });
}

/** What has been asked since the last call. */
function asked(worker: AgentHost): string[] {
  return shown(worker.routes.splice(0));
}

const [a, b] = [served("a", "10.0.0.1"), served("b", "10.0.0.2")];

describe("a published port", () => {
  test("leads to all tasks that serve it, in the order of their ids", () => {
    const worker = new AgentHost().open().serve("complete", [b, a, served("c", "10.0.0.3", 53)]);
    expect(asked(worker)).toEqual(["8080 -> a@10.0.0.1 b@10.0.0.2", "53 -> c@10.0.0.3"]);
  });

  test("changes when a task of it does, and no other port is spoken of", () => {
    const worker = new AgentHost().open().serve("complete", [a, served("c", "10.0.0.3", 53)]);
    asked(worker);
    worker.serve("incremental", [b]);
    expect(asked(worker)).toEqual(["8080 -> a@10.0.0.1 b@10.0.0.2"]);
    worker.serve("incremental", [], ["a"]);
    expect(asked(worker)).toEqual(["8080 -> b@10.0.0.2"]);
    worker.serve("incremental", [served("b", "10.9.9.9")]);
    expect(asked(worker)).toEqual(["8080 -> b@10.9.9.9"]);
    worker.serve("incremental", [], ["b"]);
    expect(asked(worker)).toEqual(["8080 -> "]);
  });

  test("is left as it is by a whole table that says the same", () => {
    const worker = new AgentHost().open().serve("complete", [a, b]);
    asked(worker);
    worker.serve("complete", [{ ...a }, { ...b }]);
    expect(asked(worker)).toEqual([]);
  });

  test("forgets whom a whole table does not name", () => {
    const worker = new AgentHost().open().serve("complete", [a, b]);
    asked(worker);
    worker.serve("complete", [b]);
    expect(asked(worker)).toEqual(["8080 -> b@10.0.0.2"]);
  });

  test("goes on while the node hears no leader, and until the next one has spoken", () => {
    const worker = new AgentHost().open().serve("complete", [a]);
    asked(worker);
    worker.at(60).open(2, "s2");
    expect(asked(worker)).toEqual([]);
    worker.serve("complete", [b]);
    expect(asked(worker)).toEqual(["8080 -> b@10.0.0.2"]);
  });

  test("is closed on a node that has been removed", () => {
    const worker = new AgentHost().open().serve("complete", [a]);
    asked(worker);
    worker.receive({ kind: "session-invalid", session: "s1" }).at(10);
    const attempt = worker.last("register")?.attempt ?? 0;
    worker.receive({ kind: "registration-refused", attempt, reason: "removed" });
    expect(asked(worker)).toEqual(["8080 -> "]);
  });
});

describe("a task that is told to stop", () => {
  const stopping = (given: ReturnType<typeof task>) => {
    const worker = new AgentHost({
      tasks: [given],
      containers: [{ task: "a", state: "running", exitCode: null, unhealthy: false }],
    });
    return worker
      .open()
      .change([{ ...given, desiredState: TaskState.SHUTDOWN }])
      .sync();
  };

  test("is stopped half a second later where others may connect to it", () => {
    const worker = stopping(serving("a", 32_768));
    const since = worker.now / 1e6;
    worker.at(since + 0.49);
    expect(worker.asked()).toEqual([]);
    worker.at(since + 0.5);
    expect(worker.asked()).toEqual(["shutdown a"]);
  });

  test("is stopped at once where nobody does", () => {
    expect(stopping(task("a")).asked()).toEqual(["shutdown a"]);
    const unserved = task("a", { ports: [{ publishedPort: 80 }] });
    expect(stopping(unserved).asked()).toEqual(["shutdown a"]);
    const onHost = serving("a", 80, { ports: [{ publishMode: "host", publishedPort: 80 }] });
    expect(stopping(onHost).asked()).toEqual(["shutdown a"]);
  });

  test("is not stopped a second time when it ends in that half second", () => {
    const worker = stopping(serving("a", 32_768));
    worker.executed({ kind: "exited", task: "a", exitCode: 0 }).sync();
    worker.at(worker.now / 1e6 + 1);
    expect(worker.asked()).toEqual([]);
    expect(worker.state("a")).toBe("COMPLETE");
  });
});

describe("a task that runs", () => {
  test("says where its node answers for the ports that it publishes, and for no others", () => {
    const given = task("a", { state: "STARTING", ports: [{ publishedPort: 8080 }] });
    const worker = new AgentHost({
      tasks: [given],
      containers: [{ task: "a", state: "created", exitCode: null, unhealthy: false }],
    });
    const own = { protocol: "tcp", targetPort: 80, hostPort: 32_768 } as const;
    const other = { protocol: "tcp", targetPort: 9000, hostPort: 32_769 } as const;
    worker.executed({ kind: "started", task: "a", hostPorts: [own, other] }).sync();
    expect(worker.disk.get("a")?.status.hostPorts).toEqual([own]);
  });
});
