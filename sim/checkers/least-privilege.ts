import type { Agent } from "../../core/agent/agent.ts";
import type { DispatcherMessage } from "../../core/dispatch/message.ts";
import type { Task } from "../../core/model/task.ts";
import { isTerminal } from "../../core/model/task-state.ts";
import type { Host } from "../world/host.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";

/**
 * A node is told only those secrets and configs that its tasks name which have not ended, and keeps
 * none of them longer than the last such task runs.
 */
export class LeastPrivilege implements Checker {
  readonly name = "least-privilege";
  readonly source = "SwarmKit dispatcher/assignments.go";
  checks = 0;

  dispatcherSent(host: Host, to: string, message: DispatcherMessage): void {
    if (message.kind !== "assignments") return;
    const { files, tasks } = message;
    if (files.length === 0) return;
    this.checks += 1;
    const named = namedBy(tasks);
    const stray = files.find(({ id }) => !named.has(id));
    if (stray === undefined) return;
    const detail = `${to} is told the ${stray.kind} ${stray.spec.name}, which no task there names`;
    throw new BrokenInvariant(this.name, host.name, detail);
  }

  filesHeld(host: Host, agent: Agent): void {
    this.checks += 1;
    const named = namedBy(agent.tasks());
    const stray = agent.files().find((id) => !named.has(id));
    if (stray === undefined) return;
    const detail = `${host.name} still holds ${stray}, which no task there names any more`;
    throw new BrokenInvariant(this.name, host.name, detail);
  }
}

function namedBy(tasks: readonly Task[]): Set<string> {
  const named = new Set<string>();
  for (const { spec, status } of tasks) {
    if (isTerminal(status.state)) continue;
    for (const { id } of spec.container.secrets) named.add(id);
    for (const { id } of spec.container.configs) named.add(id);
  }
  return named;
}
