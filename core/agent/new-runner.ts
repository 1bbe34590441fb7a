import { Expansion } from "../model/expansion.ts";
import type { Task } from "../model/task.ts";
import { isTerminal } from "../model/task-state.ts";
import { expandedContainer, type TemplatePlace, templateFields } from "../model/template.ts";
import { namesFiles } from "./task-files.ts";
import type { TaskRunner } from "./task-runner.ts";

/**
 * Of a task that this node has just been given, or finds on its disk. With `isBare`, a planted bug,
 * its placeholders stay.
 */
export function newRunner(task: Task, place: TemplatePlace, isBare = false): TaskRunner {
  const { state } = task.status;
  const expansion = new Expansion(templateFields(task, place));
  const { container } = task.spec;
  return {
    task,
    written: task,
    isDurable: false,
    container: isBare ? container : expandedContainer(container, expansion),
    files: namesFiles(task) && !isTerminal(state) ? null : [],
    lacks: expansion.problem,
    step: null,
    hasLingered: false,
    isReleased: false,
    recorded: state,
    reported: state,
  };
}
