import type { QueryResult } from "../../../core/control/command.ts";
import type { Cluster } from "../../../core/model/cluster.ts";
import type { TemplateValue } from "../../../core/model/template-value.ts";
import { shownFile } from "../../docker-api/map/file.ts";
import { shownNetwork } from "../../docker-api/map/network.ts";
import { shownNode } from "../../docker-api/map/node.ts";
import { shownService } from "../../docker-api/map/service.ts";
import { tlsInfo } from "../../docker-api/map/swarm.ts";
import { shownTask } from "../../docker-api/map/task.ts";
import { readableObject } from "../readable-object.ts";

/**
 * An object as a template of `inspect` finds it: as `docker inspect` shows it, or, where Docker has
 * no such command, as `--format json` does.
 */
export function templateObject(
  object: QueryResult[number],
  clusterOf: () => Promise<Cluster>,
): Promise<TemplateValue> | TemplateValue {
  switch (object.kind) {
    case "service":
      return templateValue(shownService(object, true));
    case "task":
      return templateValue(shownTask(object));
    case "secret":
    case "config":
      return templateValue(shownFile(object));
    case "network":
      return templateValue(shownNetwork(object));
    case "node":
      if (!("managerStatus" in object)) return templateValue(readableObject(object));
      return clusterOf().then(({ ca }) =>
        templateValue(shownNode(object, (issuer) => (ca === null ? {} : tlsInfo(ca, issuer)))),
      );
    default:
      return templateValue(readableObject(object));
  }
}

/** Fields whose names are anybody's: what they do not have is nothing, and no mistake. */
const free = ["labels", "options", "driveropts", "driveroptions", "sysctls", "attributes"];

/** What JSON can say, as a template finds it. */
export function templateValue(json: unknown, isFree = false): TemplateValue {
  if (Array.isArray(json)) return json.map((each) => templateValue(each));
  if (typeof json !== "object" || json === null) return (json ?? null) as TemplateValue;
  const entries = Object.entries(json).map(
    ([name, value]) => [name, templateValue(value, free.includes(name.toLowerCase()))] as const,
  );
  return isFree ? new Map(entries) : Object.fromEntries(entries);
}
