import { z } from "zod";
import { count, interval, usersMax } from "./check-values.ts";
import { labels, object, text } from "./shape-objects.ts";
import { namedService, networkPlan, servicePlan } from "./shape-services.ts";
import { clusterPlan, snapshotPlan } from "./shape-topology.ts";

/** The shape of the types in `command-words.ts`. */

const fileTable = z.enum(["secret", "config"]);

const attempt = z.enum(["newest", "oldest"]);

/** Which user. */
const by = count(1, usersMax).optional();

export const commands = [
  object({ do: z.literal("create"), service: namedService, by }),
  object({ do: z.literal("scale"), service: text, replicas: count(0), by }),
  object({
    do: z.literal("update"),
    by,
    service: text,
    change: object({ ...servicePlan, image: text.optional() }),
  }),
  object({ do: z.literal("rollback"), service: text, by }),
  object({ do: z.literal("rebalance"), service: text, by }),
  object({ do: z.literal("remove"), service: text, by }),
  object({ do: z.literal("remove-task"), service: text, slot: count(1), attempt, by }),
  object({ do: z.literal("remove-task-on"), service: text, nodes: text, attempt, by }),
  object({ do: z.literal("create-file"), table: fileTable, name: text, data: text, by }),
  object({ do: z.literal("remove-file"), table: fileTable, name: text, by }),
  object({ do: z.literal(["create-volume", "remove-volume"]), name: text, by }),
  object({
    do: z.literal("volume-availability"),
    by,
    name: text,
    availability: z.enum(["active", "pause", "drain"]),
  }),
  object({ do: z.literal("label-volume"), name: text, labels, by }),
  object({ do: z.literal("label-file"), table: fileTable, name: text, labels, by }),
  object({ do: z.literal("create-network"), name: text, ...networkPlan, by }),
  object({ do: z.literal("remove-network"), name: text, by }),
  object({ do: z.literal("rotate-root"), to: z.enum(["outside", "own"]).optional(), by }),
  object({ do: z.literal("rotate-unlock-key"), by }),
  object({ do: z.literal("rotate-join-token"), role: z.enum(["manager", "worker"]), by }),
  object({
    do: z.literal("configure"),
    by,
    change: object({ ...clusterPlan, ...snapshotPlan, heartbeat: interval.optional() }),
  }),
  object({
    do: z.literal("availability"),
    by,
    nodes: text,
    availability: z.enum(["active", "pause", "drain"]),
  }),
  object({ do: z.literal("label"), nodes: text, labels, by }),
  object({ do: z.literal("role"), nodes: text, role: z.enum(["manager", "worker"]), by }),
  object({ do: z.literal("remove-node"), nodes: text, force: z.boolean(), by }),
] as const;
