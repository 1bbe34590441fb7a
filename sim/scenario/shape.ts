import { z } from "zod";
import { allSituations } from "../world/board.ts";
import { clientsMax, count, prose, span, title } from "./check-values.ts";
import { chaos } from "./shape-chaos.ts";
import { commands } from "./shape-commands.ts";
import { faults } from "./shape-faults.ts";
import { keysOf, object, selectors, text } from "./shape-objects.ts";
import { namedService, networkPlan } from "./shape-services.ts";
import { topology } from "./shape-topology.ts";

/** The shape of a scenario: the types of `dsl.ts`, for files that no compiler has seen. */

const action = z.discriminatedUnion("do", [...faults, ...commands]);

const goal = z.discriminatedUnion("goal", [
  object({ goal: z.literal("running"), service: text, count: count(0) }),
  object({ goal: z.literal("at-least"), service: text, count: count(0) }),
  object({ goal: z.literal("balanced"), service: text }),
  object({ goal: z.literal("completed"), service: text, count: count(0) }),
  object({ goal: z.literal("image"), service: text, image: text }),
  object({ goal: z.literal("has-secret"), service: text, secret: text }),
  object({ goal: z.literal("removed"), service: text }),
  object({ goal: z.literal("empty"), node: text }),
  object({ goal: z.literal("role"), node: text, role: z.enum(["manager", "worker", "none"]) }),
]);

const situation = z.enum(keysOf(allSituations));

const expectation = z.discriminatedUnion("expect", [
  object({ expect: z.literal("eventually"), goal }),
  object({ expect: z.literal("always"), goal }),
  object({ expect: z.literal("sometimes"), goal }),
  object({ expect: z.literal("reachable"), situation }),
  object({ expect: z.literal("unreachable"), situation }),
  object({
    expect: z.literal("availability"),
    service: text,
    lowest: count(0).optional(),
    below: span.optional(),
    starts: count(0).optional(),
  }),
]);

export const scenarioShape = object({
  name: title,
  story: prose,
  topology,
  services: z.array(namedService),
  networks: z.record(text, object(networkPlan)).optional(),
  steps: z.array(object({ at: span, action })).optional(),
  chaos: chaos.optional(),
  core: selectors.optional(),
  recoverAt: z.array(span).min(1).optional(),
  countFrom: span.optional(),
  clients: count(1, clientsMax).optional(),
  sickImages: z.array(text).optional(),
  expect: z.array(expectation),
});
