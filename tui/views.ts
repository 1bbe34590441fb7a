import type { View, ViewName } from "./view.ts";
import { clusterView } from "./views/cluster-view.ts";
import { eventsView } from "./views/events-view.ts";
import { invariantsView } from "./views/invariants-view.ts";
import { raftView } from "./views/raft-view.ts";
import { servicesView } from "./views/services-view.ts";
import { tasksView } from "./views/tasks-view.ts";

/** In the order of their keys, 1 to 6. */
export const views: readonly View[] = [
  clusterView,
  servicesView,
  tasksView,
  raftView,
  eventsView,
  invariantsView,
];

export function viewNamed(name: ViewName): View {
  return views.find((each) => each.name === name) ?? clusterView;
}
