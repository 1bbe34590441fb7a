import { z } from "zod";
import { moods } from "./authority-words.ts";
import { count, drift, interval, offset, percent, span } from "./check-values.ts";
import { guises, meddlings, nodeFaults } from "./fault-words.ts";
import { object, selectors, text } from "./shape-objects.ts";
import { machineParts } from "./shape-topology.ts";

/** The shape of the types in `fault-words.ts` and `network-words.ts`. */

export const delays = z.enum(["fixed", "uniform", "exponential", "heavy-tailed"]);
export const partitionMode = z.enum(["isolate-one", "uniform-size", "uniform-partition"]);

const networkConditions = object({
  loss: percent.optional(),
  duplicates: percent.optional(),
  reordering: percent.optional(),
  latencyMin: span.optional(),
  latencyMean: span.optional(),
  delays: delays.optional(),
  capacity: count(0).optional(),
});

const diskPlan = object({
  latencyMin: span.optional(),
  latencyMean: span.optional(),
  failures: percent.optional(),
});

const containerFaults = object({
  pullMean: span.optional(),
  startMean: span.optional(),
  pullFailures: percent.optional(),
  startFailures: percent.optional(),
  crashEvery: span.optional(),
  unhealthyEvery: span.optional(),
});

const to = z.union([z.literal("rest"), selectors]);

const links = { from: selectors, to };

export const faults = [
  object({ do: z.literal("partition"), ...links, oneWay: z.boolean() }),
  object({ do: z.literal("mend"), ...links, oneWay: z.boolean() }),
  object({ do: z.literal("partition-at-random"), mode: partitionMode, oneWay: z.boolean() }),
  object({
    do: z.literal("flap"),
    ...links,
    oneWay: z.boolean(),
    cut: interval,
    open: interval,
    times: count(1, 1_000),
  }),
  object({ do: z.literal("clog"), ...links, lasting: interval }),
  object({ do: z.literal("unclog") }),
  object({ do: z.literal("heal") }),
  object({ do: z.literal(nodeFaults), nodes: text }),
  object({ do: z.literal("crash-loop"), nodes: text, after: interval, times: count(1, 1_000) }),
  object({ do: z.literal("skew-clock"), nodes: text, ahead: offset }),
  object({ do: z.literal("drift-clock"), nodes: text, ppm: drift }),
  object({ do: z.literal("jump-clock"), nodes: text, ahead: interval }),
  object({ do: z.literal("network"), conditions: networkConditions }),
  object({ do: z.literal("disk"), nodes: text, conditions: diskPlan }),
  object({ do: z.literal("refit"), nodes: text, parts: object(machineParts) }),
  object({ do: z.literal("meddle"), nodes: text, deed: z.enum(meddlings) }),
  object({ do: z.literal("containers"), conditions: containerFaults }),
  object({ do: z.literal("bad-image"), image: text, crashesAfter: span }),
  object({ do: z.literal("good-image"), image: text }),
  object({ do: z.literal("give-token"), nodes: text }),
  object({ do: z.literal("authority"), name: text, mood: z.enum(moods) }),
  object({ do: z.literal("forge"), nodes: text, guise: z.enum(guises) }),
] as const;
