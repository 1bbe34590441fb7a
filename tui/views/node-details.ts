import type { NodeFrame } from "../../core/observe/frame.ts";
import { grouped } from "../../core/observe/numbers.ts";
import type { SourceMoment } from "../../core/observe/source.ts";
import { cell, type Line, span } from "../line.ts";
import type { Look } from "../look.ts";
import { fact, heading, longFact } from "../parts/facts.ts";
import { namesOf, nodeName, nodeState } from "../parts/node-words.ts";
import { taskState } from "../parts/task-words.ts";
import { bytes, cpus, timeSpan } from "../words.ts";

/** All that is known of a machine: state, Raft, network, load, tasks. */
export function nodeDetails(
  node: NodeFrame,
  moment: SourceMoment,
  look: Look,
  width: number,
): Line[] {
  const { record, refusal, load } = node;
  const name = nodeName(node);
  return [
    [span(name, "strong")],
    ...(name === node.id ? [] : longFact("id", node.id, width)),
    fact("state", nodeState(node, look.symbols)),
    ...longFact("refused", refusal ?? "", width, "bad"),
    ...longFact("message", record?.message ?? "", width),
    ...(record === null ? [] : [fact("availability", record.availability), roleFact(record)]),
    fact("cpu", `${cpus(load.nanoCpus)} of ${cpus(load.nanoCpusTotal)}`),
    fact("memory", `${bytes(load.memoryBytes)} of ${bytes(load.memoryBytesTotal)}`),
    ...clockFacts(node),
    ...raftFacts(node, moment),
    ...linkLines(node, moment, look),
    ...taskLines(node, moment, look, width),
  ];
}

function roleFact({ role, desiredRole }: NonNullable<NodeFrame["record"]>): Line {
  return fact("role", role === desiredRole ? role : `${role}, to be ${desiredRole}`);
}

function clockFacts({ clock }: NodeFrame): Line[] {
  if (clock === null || (clock.ahead === 0 && clock.driftPpm === 0)) return [];
  const { ahead, driftPpm } = clock;
  const offset = `${timeSpan(Math.abs(ahead))} ${ahead < 0 ? "behind" : "ahead"}`;
  return [fact("clock", `${offset}, ${Math.abs(driftPpm)} ppm ${driftPpm < 0 ? "slow" : "fast"}`)];
}

function raftFacts({ raft }: NodeFrame, { frame }: SourceMoment): Line[] {
  if (raft === null) return [];
  const { role, term, leader, commit, applied, lastIndex } = raft.status;
  const nameOf = namesOf(frame.nodes);
  return [
    ...heading("Raft"),
    fact("part", raft.isManaging ? `${role}, runs the cluster` : role),
    fact("term", String(term)),
    fact("leader", leader === null ? "knows of none" : nameOf(leader)),
    fact("log", `last ${grouped(lastIndex)}, commit ${grouped(commit)}`),
    fact("applied", grouped(applied)),
  ];
}

function linkLines({ id }: NodeFrame, { frame }: SourceMoment, { symbols }: Look): Line[] {
  const away = new Set(frame.cuts.filter(({ from }) => from === id).map(({ to }) => to));
  const back = new Set(frame.cuts.filter(({ to }) => to === id).map(({ from }) => from));
  const broken = frame.nodes.filter((other) => away.has(other.id) || back.has(other.id));
  if (broken.length === 0) return [];
  const lines = broken.map((other): Line => {
    const both = away.has(other.id) && back.has(other.id);
    const words = both ? "cut" : away.has(other.id) ? "does not hear it" : "is not heard by it";
    const sign = both ? symbols.cut : symbols.oneWay;
    return [span(`${sign} ${nodeName(other)} `, "bad"), span(words)];
  });
  return [...heading("Links"), ...lines];
}

function taskLines({ id }: NodeFrame, { frame }: SourceMoment, look: Look, width: number): Line[] {
  const tasks = frame.tasks.filter(({ node }) => node === id);
  if (tasks.length === 0) return [];
  const lines = tasks.map((task) => [
    span(cell(task.name, Math.max(8, width - 14))),
    span(" "),
    taskState(task.state, look.symbols),
  ]);
  return [...heading(`Tasks (${tasks.length})`), ...lines];
}
