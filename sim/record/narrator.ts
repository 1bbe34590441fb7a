import type { NodeEvent } from "../../core/node/event.ts";
import { storyOf } from "../../core/observe/story.ts";
import type { Kernel } from "../kernel.ts";
import type { StoryLine } from "../result.ts";
import type { Commit } from "../world/history.ts";
import type { Host } from "../world/host.ts";
import type { PartialObserver } from "../world/observer.ts";

/** Tells a run as a story: elections, nodes lost and found, tasks lost and replaced, services. */
export class Narrator implements PartialObserver {
  readonly #kernel: Kernel;
  readonly #tell: (line: StoryLine) => void;

  constructor(kernel: Kernel, tell: (line: StoryLine) => void) {
    this.#kernel = kernel;
    this.#tell = tell;
  }

  say(kind: StoryLine["kind"], text: string): void {
    this.#tell({ at: this.#kernel.now / 1e6, kind, text });
  }

  happened(host: Host, event: NodeEvent): void {
    if (event.kind === "manager-started") {
      this.say("election", `${host.name} leads term ${event.term}`);
    } else if (event.kind === "manager-stopped") {
      this.say("election", `${host.name} no longer leads; it is in term ${event.term}`);
    } else if (event.kind === "role" && event.role === "candidate") {
      this.say("election", `${host.name} stands for election in term ${event.term}`);
    } else if (event.kind === "forced") {
      this.say("election", `${host.name} goes on alone, in incarnation ${event.incarnation}`);
    } else if (event.kind === "force-refused") {
      this.say("fault", `${host.name}: ${event.reason}`);
    } else if (event.kind === "registration-refused") {
      this.say("node", `${host.name} is not let in: ${event.reason}`);
    } else if (event.kind === "certificate-refused") {
      this.say("node", `${host.name} gets no certificate: ${event.reason}`);
    }
  }

  refused(host: Host, reason: string): void {
    this.say("fault", `${host.name} refuses to start: ${reason}`);
  }

  committed(commit: Commit): void {
    for (const { previous, current } of commit.events) {
      for (const { kind, text } of storyOf(previous, current, nameOf)) this.say(kind, text);
    }
  }
}

/** Simulated nodes have no other name than their id. */
function nameOf(node: string): string {
  return node;
}
