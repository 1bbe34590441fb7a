/** What may be expected of a cluster: at the end, or all the time. */
export type Goal =
  | { readonly goal: "running"; readonly service: string; readonly count: number }
  | { readonly goal: "at-least"; readonly service: string; readonly count: number }
  | { readonly goal: "balanced"; readonly service: string }
  | { readonly goal: "completed"; readonly service: string; readonly count: number }
  | { readonly goal: "image"; readonly service: string; readonly image: string }
  | { readonly goal: "has-secret"; readonly service: string; readonly secret: string }
  | { readonly goal: "removed"; readonly service: string }
  | { readonly goal: "empty"; readonly node: string }
  | {
      readonly goal: "role";
      readonly node: string;
      readonly role: "manager" | "worker" | "none";
    };

/** As the goal is written in a scenario. */
export function goalText({ goal, ...rest }: Goal): string {
  return `${goal}(${Object.values(rest).join(", ")})`;
}

/** Exactly `count` tasks of the service run. */
export function running(name: string, count: number): Goal {
  return { goal: "running", service: name, count };
}

export function atLeast(name: string, count: number): Goal {
  return { goal: "at-least", service: name, count };
}

/** No node that takes tasks runs two tasks of the service more than another that it may run on. */
export function balanced(name: string): Goal {
  return { goal: "balanced", service: name };
}

/** `count` of the job's slots, or nodes, have completed since it was last changed. */
export function completed(name: string, count: number): Goal {
  return { goal: "completed", service: name, count };
}

/** Every running task of the service has this image. */
export function image(name: string, wanted: string): Goal {
  return { goal: "image", service: name, image: wanted };
}

/** Every running task of the service has the secret, and no task has one that was taken away. */
export function hasSecret(name: string, secret: string): Goal {
  return { goal: "has-secret", service: name, secret };
}

/** The service is gone, and so are its tasks. */
export function removed(name: string): Goal {
  return { goal: "removed", service: name };
}

/** Nothing runs on the node. */
export function empty(node: string): Goal {
  return { goal: "empty", node };
}

/** The node is a manager that votes. */
export function isManager(node: string): Goal {
  return { goal: "role", node, role: "manager" };
}

/** The node is a worker, and knows it if it is up. */
export function isWorker(node: string): Goal {
  return { goal: "role", node, role: "worker" };
}

/** The cluster does not know the node any more. */
export function isGone(node: string): Goal {
  return { goal: "role", node, role: "none" };
}
