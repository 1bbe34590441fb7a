import type { Answer } from "./side.ts";
import type { Step } from "./step.ts";

/** What the two sides say: by these the rules know it again. */

export const atOnce =
  /Minimum memory limit|invalid mount config|is not between 1 and 65535|invalid pids limit/;

/**
 * A job that runs nothing at a time, heartbeats that hardly ever come, words that are none, and a
 * body with more behind it.
 */
export const notMeant = new RegExp(
  "Maximum concurrent jobs must be positive|heartbeat time period must be at|" +
    'stop-grace-period cannot be negative|^invalid (PublishMode: |protocol value )"|' +
    "^the body is no JSON: .* after JSON",
);

/** Lines of `docker service inspect --pretty`; the CLI has no word for a job's mode. */
export const ofUpdates =
  /\.(\w+Config:| (Parallelism|On failure|Monitoring Period|Max failure ratio|\w+ order): .*)$/;

export function isPrettyJob({ body }: Answer): boolean {
  return body?.out?.["Service Mode:"] === 1;
}

/** An event that says no more than that something was updated, as words or as JSON. */
export const ofWrite =
  /\.(\w+ (service|node) update ID \(name=\S+\)|\{"Action":"update",.*":\{"name":"[^"]*"\},.*)$/;

/** An event of a network, as words or as JSON. */
export const ofNetworkUpdate =
  /^answer\.body\.out\.(.* network update |\{"Action":"update",.*"Type":"network")/;

/** A line of `docker node ps`: the service of its task has no name any more. */
export const ofRemovedJob = /^answer\.body\.out\.ID {2}ID\.(?:ID|\d+) .* Complete /;

/** A line of `docker service ps` or `docker service logs` that tells of a job's task. */
export const ofCompleted =
  /^answer\.body\.out\.(?:ID {2})?(\w+)\.(?:\S+ .* Complete {2}Complete |.*\|)/;

/** What an update leaves behind in its service. */
export const ofUpdate = /^state\.services\.\w+\.(UpdateStatus|PreviousSpec)\b/;

/** In nanoseconds: SwarmKit's `defaults.Service`. */
export const usualSpan = 5_000_000_000;

/** An `UpdateConfig` of which nothing is said. */
export const usualUpdate = {
  Parallelism: 1,
  FailureAction: "pause",
  Monitor: usualSpan,
  MaxFailureRatio: 0,
  Order: "stop-first",
};

/** What Go's parsers say. */
export const ofGo =
  /(?:^|: )(json: |invalid character |unexpected EOF|unexpected end of JSON|illegal base64)/;

/** Why a task is pending while its nodes are drained or paused. */
export const waitsForNode = /^no suitable node \(.*not available for new tasks/;

/** Which of a service's tasks it takes depends on where chance has put them. */
export function takesByChance({ method, path }: Step): boolean {
  return method === "docker" && /^(service scale|node rm) /.test(path);
}
