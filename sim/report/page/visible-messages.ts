import type { RecordedMessages } from "../../record/run-record.ts";
import { spread } from "../spread.ts";
import type { ViewWindow } from "./view-window.ts";

/** More arrows than these nobody can tell apart. */
const arrowsMost = 420;

/** The rows of messages to draw, and how many there are in the window in all. */
export interface VisibleMessages {
  readonly rows: readonly number[];
  readonly total: number;
}

/**
 * The messages of the wanted channels that are under way within the window: all when there is room
 * for them, else the ones that tell most, and of the others as many as there is room for, evenly.
 */
export function visibleMessages(
  messages: RecordedMessages,
  { from, to }: ViewWindow,
  isWanted: (channel: string) => boolean,
): VisibleMessages {
  const { sentAt, arrivedAt, label, labels } = messages;
  const wanted = labels.map(({ channel }) => isWanted(channel));
  const ranks = labels.map(({ text }) => rankOf(text));
  const byRank: number[][] = [[], [], [], []];
  let total = 0;
  for (const [row, sent] of sentAt.entries()) {
    if (sent > to) break;
    const arrived = arrivedAt[row] as number;
    if (Math.max(sent, arrived) < from || wanted[label[row] as number] !== true) continue;
    total += 1;
    const isLost = arrived < 0 && ranks[label[row] as number] !== 3;
    byRank[isLost ? 1 : (ranks[label[row] as number] as number)]?.push(row);
  }
  const rows: number[] = [];
  for (const rank of byRank) rows.push(...spread(rank, arrowsMost - rows.length));
  return { rows, total };
}

/** Which of the boxes above the charts, and which colour, a message's channel belongs to. */
export function channelGroup(channel: string): "raft" | "agent" | "other" {
  if (channel === "raft" || channel === "snapshot") return "raft";
  return channel === "agent" || channel === "dispatcher" ? "agent" : "other";
}

/** 0 tells most. */
function rankOf(text: string): number {
  if (/^(vote|pre-vote|timeout-now|chunk|superseded)/.test(text)) return 0;
  if (/^(forward|session|assignments,|register|task-status)/.test(text)) return 1;
  return /^(heartbeat|append of 0|append-response,|assignments-received)/.test(text) ? 3 : 2;
}
