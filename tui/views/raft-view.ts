import { nodeOfMember } from "../../core/model/standing.ts";
import type { ClusterFrame, MessageFrame, NodeFrame, RaftFrame } from "../../core/observe/frame.ts";
import { grouped } from "../../core/observe/numbers.ts";
import type { SourceMoment } from "../../core/observe/source.ts";
import { cell, type Line, type Span, span } from "../line.ts";
import type { Look } from "../look.ts";
import { bar } from "../parts/bar.ts";
import { fact, heading } from "../parts/facts.ts";
import { namesOf, nodeName, nodeState, roleSymbol } from "../parts/node-words.ts";
import { type Column, table } from "../parts/table.ts";
import { trackOf } from "../parts/track.ts";
import { type Scene, view } from "../view.ts";
import { secondsText, timeSpan } from "../words.ts";

type Progress = RaftFrame["progress"][number];

interface Member {
  readonly node: NodeFrame;
  /** What the leader of the newest term knows of it; null for itself, or where nobody leads. */
  readonly progress: Progress | null;
  /** The furthest end of a log. */
  readonly newest: number;
}

/** The members' logs side by side, elections on a line of time, messages on their way. */
export const raftView = view<Member>({
  name: "raft",
  title: "Raft",
  items: ({ frame }) => membersOf(frame),
  id: ({ node }) => node.id,
  words: ({ node }) => `${nodeName(node)} ${node.raft?.status.role ?? ""} ${node.machine}`,
  subject: ({ node }) => ({ node: node.id }),
  draw: drawRaft,
  details: ({ node }, moment, look) => memberDetails(node, moment, look),
  nothing: () => "No machine has a part in Raft yet.",
});

function membersOf({ nodes }: ClusterFrame): Member[] {
  const members = nodes.filter(({ raft, record }) => raft !== null || record?.role === "manager");
  const leader = leaderOf(members);
  const newest = Math.max(0, ...members.map(({ raft }) => raft?.status.lastIndex ?? 0));
  return members.map((node) => ({
    node,
    progress: leader?.raft?.progress.find(({ member }) => nodeOfMember(member) === node.id) ?? null,
    newest,
  }));
}

/** Who leads the newest term; an old leader that is cut off may think that it leads too. */
export function leaderOf(nodes: readonly NodeFrame[]): NodeFrame | null {
  let found: NodeFrame | null = null;
  for (const node of nodes) {
    if (node.raft?.status.role !== "leader") continue;
    if (node.raft.status.term > (found?.raft?.status.term ?? -1)) found = node;
  }
  return found;
}

/** The leader of the newest term that followers name, where nobody has asked that one itself. */
export function namedLeader(nodes: readonly NodeFrame[]): { name: string; term: number } | null {
  const newest = nodes.reduce((most, { raft }) => Math.max(most, raft?.status.term ?? 0), 0);
  for (const { raft } of nodes) {
    if (raft === null || raft.status.term < newest || raft.status.leader === null) continue;
    const name = nodeOfMember(raft.status.leader);
    const isAsked = nodes.some(({ id, raft: own, machine }) => {
      return id === name && (own !== null || machine === "down");
    });
    return isAsked ? null : { name, term: newest };
  }
  return null;
}

const columns: readonly Column<Member>[] = [
  { title: "MEMBER", width: 0, text: ({ node }, { symbols }) => memberName(node, symbols) },
  { title: "PART", width: 13, text: partOf },
  { title: "TERM", width: 5, align: "right", text: ({ node }) => numberOf(node.raft?.status.term) },
  {
    title: "LAST",
    width: 7,
    align: "right",
    text: ({ node }) => numberOf(node.raft?.status.lastIndex),
  },
  {
    title: "COMMIT",
    width: 7,
    align: "right",
    text: ({ node }) => numberOf(node.raft?.status.commit),
  },
  {
    title: "APPLIED",
    width: 7,
    align: "right",
    from: 60,
    text: ({ node }) => numberOf(node.raft?.status.applied),
  },
  {
    title: "MATCH",
    width: 7,
    align: "right",
    from: 68,
    text: ({ progress }) => numberOf(progress?.match),
  },
  { title: "FLOW", width: 9, from: 78, text: ({ progress }) => flowOf(progress) },
  { title: "LOG", width: 30, from: 120, text: logBar },
];

function memberName(node: NodeFrame, symbols: Look["symbols"]): Line {
  return [roleSymbol(node, symbols), span(` ${nodeName(node)}`, "strong")];
}

function partOf({ node }: Member, { symbols }: Look): Span {
  const role = node.raft?.status.role;
  if (node.raft === null || role === undefined) return nodeState(node, symbols);
  return span(role, role === "leader" ? "accent" : role === "follower" ? "plain" : "warn");
}

function numberOf(value: number | undefined): Span {
  return span(value === undefined ? "" : grouped(value));
}

function flowOf(progress: Progress | null): Span {
  if (progress === null) return span("");
  if (!progress.reachable) return span("silent", "bad");
  return span(progress.state, progress.state === "replicate" ? "good" : "warn");
}

/** What it has committed full, what it holds beyond that half, what it lacks empty. */
function logBar({ node: { raft }, newest }: Member, { symbols }: Look, width: number): Line {
  if (raft === null) return [];
  const [first = span(""), second = span("")] = bar(
    raft.status.lastIndex,
    newest,
    width,
    symbols,
    "busy",
  );
  const held = first.text.length;
  const committed = Math.min(held, Math.floor((raft.status.commit / Math.max(1, newest)) * width));
  const tail = held - committed;
  return [
    span(symbols.full.repeat(committed), "good"),
    span(symbols.half.repeat(tail), "warn"),
    second,
  ];
}

const electionLines = 3;

function drawRaft(scene: Scene<Member>): Line[] {
  const { items, width, height, look, moment } = scene;
  const below = Math.max(4, height - 2 - items.length);
  const members = table(columns, { ...scene, height: height - Math.min(below, 8) });
  const elections = electionPart(moment, look, width);
  const room = height - members.length - elections.length - 3;
  return [...members, [], ...elections, [], ...messagePart(moment, look, width, room)];
}

function electionPart(moment: SourceMoment, look: Look, width: number): Line[] {
  const elections = moment.events.filter((event) => event.kind === "election");
  const { at } = moment.frame;
  const end = ` ${secondsText(at, 1)}`;
  const marks = elections.map(({ at: when }) => ({ at: when, kind: "election" as const }));
  const track = trackOf(marks, {
    ...{ from: 0, at, to: at, width: width - 11 - end.length },
    symbols: look.symbols,
  });
  const newest = elections
    .slice(-electionLines)
    .map(
      (event): Line => [
        span(cell(secondsText(event.at), 13, "right"), "quiet"),
        span(`  ${event.text}`),
      ],
    );
  return [[span(" Elections ", "strong"), ...track, span(end, "quiet")], ...newest];
}

function messagePart({ frame }: SourceMoment, look: Look, width: number, room: number): Line[] {
  const { messages, nodes, at } = frame;
  const title: Line = [
    span(" On their way ", "strong"),
    span(messages.length === 0 ? "nothing that can be seen" : grouped(messages.length), "quiet"),
  ];
  if (room < 1) return [title];
  const nameOf = namesOf(nodes);
  const shown = messages.length > room ? messages.slice(0, room - 1) : messages;
  const lines = shown.map((message) => messageLine(message, at, nameOf, look, width));
  const more: Line[] =
    shown.length < messages.length
      ? [[span(`  and ${grouped(messages.length - shown.length)} more`, "quiet")]]
      : [];
  return [title, ...lines, ...more];
}

/** How far it has come on its way, as an arrow. */
function messageLine(
  { from, to, kind, sentAt, arrivesAt }: MessageFrame,
  now: number,
  nameOf: (id: string) => string,
  { symbols }: Look,
  width: number,
): Line {
  const way = Math.max(6, Math.min(24, width - 56));
  const share = (now - sentAt) / Math.max(1, arrivesAt - sentAt);
  const gone = Math.min(way - 1, Math.max(0, Math.floor(share * way)));
  return [
    span(`  ${cell(nameOf(from), 8, "right")} `),
    span(symbols.track.repeat(gone), "busy"),
    span(symbols.to, "strong"),
    span(symbols.dot.repeat(way - gone - 1), "quiet"),
    span(` ${cell(nameOf(to), 8)} ${cell(kind, 20)} `),
    span(`in ${timeSpan(Math.max(0, arrivesAt - now))}`, "quiet"),
  ];
}

function memberDetails(node: NodeFrame, { frame }: SourceMoment, look: Look): Line[] {
  const { raft } = node;
  const nameOf = namesOf(frame.nodes);
  const head: Line[] = [
    [span(nodeName(node), "strong")],
    fact("state", nodeState(node, look.symbols)),
  ];
  if (raft === null) return [...head, fact("raft", "has no part in it now")];
  const { role, term, vote, leader, commit, applied, stable, firstIndex, lastIndex } = raft.status;
  const name = (id: string | null) => (id === null ? "nobody" : nameOf(id));
  return [
    ...head,
    fact("part", raft.isManaging ? `${role}, runs the cluster` : role),
    fact("term", String(term)),
    fact("voted for", name(vote)),
    fact("leader", name(leader)),
    ...heading("Log"),
    fact("held", `${grouped(firstIndex)} to ${grouped(lastIndex)}`),
    fact("on disk", `up to ${grouped(stable)}`),
    fact("committed", `up to ${grouped(commit)}`),
    fact("applied", `up to ${grouped(applied)}`),
    ...followerLines(raft, nameOf),
  ];
}

function followerLines({ progress }: RaftFrame, nameOf: (id: string) => string): Line[] {
  if (progress.length === 0) return [];
  const lines = progress.flatMap((each): Line[] => [
    [
      span(cell(nameOf(each.member), 9), "strong"),
      span(`match ${cell(grouped(each.match), 6, "right")} `),
      flowOf(each),
    ],
    [
      span(`         next ${cell(grouped(each.next), 7, "right")} `),
      span(`${each.inflightMessages} on the way`, "quiet"),
      span(each.learner ? ", learner" : "", "warn"),
    ],
  ]);
  return [...heading("Followers, as it sees them"), ...lines];
}
