import { stateName } from "../../core/model/task-state.ts";
import type {
  RecordedMessages,
  RecordedService,
  RecordedTask,
  RunRecord,
  TimeSpan,
} from "../record/run-record.ts";

/**
 * A run in Chrome's trace-event format, as Perfetto and `chrome://tracing` open it: a JSON object,
 * times in simulated microseconds. Each node is a process with a track of its part in Raft, one of
 * what its agent and its machine go through, and one of its messages, whose flights are flows. The
 * tasks on a node are slices that may overlap. What the whole cluster goes through, and how many
 * tasks of each service run, is the process `cluster`.
 */
export function* chromeTrace(record: RunRecord): Generator<string> {
  yield '{"displayTimeUnit":"ms","traceEvents":[\n';
  let separator = "";
  for (const event of eventsOf(record)) {
    yield `${separator}${JSON.stringify(event)}`;
    separator = ",\n";
  }
  yield "\n]}\n";
}

type TraceEvent = Readonly<Record<string, unknown>>;

const track = { raft: 1, machine: 2, messages: 3 } as const;
const trackNames = { raft: "raft", machine: "machine", messages: "messages" } as const;
const clusterPid = 1;

/** Process 0 has a meaning of its own in Perfetto, and the cluster comes first. */
function pidOf(node: number): number {
  return node + 2;
}

function* eventsOf(record: RunRecord): Generator<TraceEvent> {
  yield* names(record);
  for (const { node, role, term, leader, ...span } of record.roles) {
    yield slice(node, "raft", `${role}, term ${term}`, span, { role, term, leader });
  }
  for (const { node, state, ...span } of record.outages) yield slice(node, "machine", state, span);
  for (const task of record.tasks) yield* taskSlices(task);
  yield* messageFlows(record.messages);
  for (const { groups, oneWay, ...span } of record.partitions) {
    const sides = groups.map((group) => group.map((node) => record.nodes[node]?.name).join(" "));
    const name = oneWay ? "one-way partition" : "partition";
    yield* asyncSlice(clusterPid, "partition", name, `${span.from} ${sides}`, span, { sides });
  }
  for (const { at, kind, text } of record.story) {
    const ts = Math.round(at * 1e6);
    yield { ph: "i", s: "g", cat: kind, name: text, ts, pid: clusterPid, tid: 1 };
  }
  for (const service of record.services) yield* counters(service);
}

function* names({ nodes }: RunRecord): Generator<TraceEvent> {
  yield named("process_name", clusterPid, 0, "cluster");
  yield { ph: "M", name: "process_sort_index", pid: clusterPid, args: { sort_index: 0 } };
  yield named("thread_name", clusterPid, 1, "story");
  for (const [node, { name }] of nodes.entries()) {
    const pid = pidOf(node);
    yield named("process_name", pid, 0, name);
    yield { ph: "M", name: "process_sort_index", pid, args: { sort_index: pid } };
    for (const [key, tid] of Object.entries(track)) {
      yield named("thread_name", pid, tid, trackNames[key as keyof typeof track]);
    }
  }
}

function named(what: string, pid: number, tid: number, name: string): TraceEvent {
  return { ph: "M", name: what, pid, tid, args: { name } };
}

function slice(
  node: number,
  where: keyof typeof track,
  name: string,
  { from, to }: TimeSpan,
  args: object = {},
): TraceEvent {
  const place = { pid: pidOf(node), tid: track[where] };
  return { ph: "X", cat: where, name, ts: from, dur: to - from, ...place, args };
}

/** A slice that may overlap others: every id has a track of its own. */
function* asyncSlice(
  pid: number,
  cat: string,
  name: string,
  id: string,
  { from, to }: TimeSpan,
  args: object,
): Generator<TraceEvent> {
  yield { ph: "b", cat, name, id, ts: from, pid, tid: 0, args };
  yield { ph: "e", cat, name, id, ts: to, pid, tid: 0 };
}

function* taskSlices({ id, name, service, node, states, runs }: RecordedTask) {
  const pid = node === null ? clusterPid : pidOf(node);
  const last = states.at(-1);
  const args = { task: id, service, state: last && stateName(last.state), err: last?.err };
  for (const run of runs) yield* asyncSlice(pid, "task", name, id, run, args);
}

/** Each end of a flow must lie in a slice: sending and receiving take a microsecond each. */
function* messageFlows(messages: RecordedMessages): Generator<TraceEvent> {
  const { sentAt, arrivedAt, from, to, label, labels } = messages;
  for (const [id, ts] of sentAt.entries()) {
    const { channel, text } = labels[label[id] as number] as { channel: string; text: string };
    const cat = `message,${channel}`;
    const arrival = arrivedAt[id] as number;
    const isLost = arrival < 0;
    const instant = { ph: "X", cat, dur: 1, tid: track.messages };
    const sender = pidOf(from[id] as number);
    yield { ...instant, name: isLost ? `${text}, lost` : text, ts, pid: sender };
    if (isLost) continue;
    const receiver = pidOf(to[id] as number);
    const flow = { cat, name: text, id, tid: track.messages };
    yield { ph: "s", ...flow, ts, pid: sender };
    yield { ...instant, name: text, ts: arrival, pid: receiver };
    yield { ph: "f", bp: "e", ...flow, ts: arrival, pid: receiver };
  }
}

function* counters({ name, points }: RecordedService): Generator<TraceEvent> {
  for (const { at: ts, wanted, running } of points) {
    yield { ph: "C", name: `service ${name}`, ts, pid: clusterPid, args: { running, wanted } };
  }
}
