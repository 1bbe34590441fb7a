import type { ServiceSpec } from "../../../core/model/service.ts";
import type { UpdateConfig } from "../../../core/model/update-config.ts";
import { countOf, durationOf, ppmOf } from "../../command-line/units.ts";
import { choice, one, type SpecOption } from "./spec-option.ts";

/** The same options for `update` and for `rollback`. */
export function rolloutOptions(which: "update" | "rollback"): readonly SpecOption[] {
  const change = (spec: ServiceSpec, part: Partial<UpdateConfig>): ServiceSpec => {
    return { ...spec, [which]: { ...spec[which], ...part } };
  };
  const actions = ["pause", "continue", "rollback"] as const;
  return [
    one(`--${which}-parallelism <count>`, "tasks at a time; 0: all", countOf, (spec, parallelism) =>
      change(spec, { parallelism }),
    ),
    one(`--${which}-delay <span>`, "between two tasks", durationOf, (spec, delay) =>
      change(spec, { delay }),
    ),
    choice(
      `--${which}-failure-action <action>`,
      "if too many fail",
      actions,
      (spec, failureAction) => change(spec, { failureAction }),
    ),
    one(`--${which}-monitor <span>`, "in which an end is a failure", durationOf, (spec, monitor) =>
      change(spec, { monitor }),
    ),
    one(`--${which}-max-failure-ratio <ratio>`, "0 to 1", ppmOf, (spec, maxFailureRatioPpm) =>
      change(spec, { maxFailureRatioPpm }),
    ),
    choice(
      `--${which}-order <order>`,
      "which of two tasks comes first",
      ["stop-first", "start-first"] as const,
      (spec, order) => change(spec, { order }),
    ),
    one(
      `--${which}-progress-deadline <span>`,
      "without any: paused",
      durationOf,
      (spec, progressDeadline) => change(spec, { progressDeadline }),
    ),
  ];
}
