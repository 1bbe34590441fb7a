import type { RecordedMessages, RecordedTask, RunRecord, Samples } from "../record/run-record.ts";
import type { StoryLine } from "../result.ts";
import type { Totals } from "./report-data.ts";
import { spread } from "./spread.ts";

/** What a page holds at most, so that it stays a few megabytes and quick, however long the run. */
export const reportLimits = {
  messages: 120_000,
  samples: 120_000,
  tasks: 20_000,
  lines: 20_000,
} as const;

/** A record within the limits, and how much there was. */
export function thinned(record: RunRecord): { record: RunRecord; totals: Totals } {
  const { messages, samples, tasks, story } = record;
  const totals = {
    messages: messages.sentAt.length,
    samples: samples.at.length,
    tasks: tasks.length,
    lines: story.length,
  };
  return {
    totals,
    record: {
      ...record,
      messages: thinnedMessages(messages),
      samples: thinnedSamples(samples),
      tasks: thinnedTasks(tasks),
      story: thinnedStory(story),
    },
  };
}

const routine = /^(heartbeat|append of 0 entries)/;

/**
 * Heartbeats and their answers go first, then anything: of what goes, every so-manieth stays, so
 * that the picture is as dense everywhere.
 */
function thinnedMessages(messages: RecordedMessages): RecordedMessages {
  const { sentAt, arrivedAt, from, to, label, labels } = messages;
  const isRoutine = labels.map(({ text }) => routine.test(text));
  const rows = sentAt.map((_, row) => row);
  const telling = rows.filter((row) => isRoutine[label[row] as number] === false);
  const room = reportLimits.messages;
  if (rows.length <= room) return messages;
  const kept = new Set(spread(telling, room));
  const rest = rows.filter((row) => !kept.has(row) && isRoutine[label[row] as number]);
  for (const row of spread(rest, room - kept.size)) kept.add(row);
  const pick = (column: readonly number[]) => column.filter((_, row) => kept.has(row));
  return {
    ...{ sentAt: pick(sentAt), arrivedAt: pick(arrivedAt), from: pick(from), to: pick(to) },
    ...{ label: pick(label), labels },
  };
}

function thinnedSamples(samples: Samples): Samples {
  const kept = spread(
    samples.at.map((_, row) => row),
    reportLimits.samples,
  );
  const pick = (column: readonly number[]) => kept.map((row) => column[row] as number);
  const { at, node, commit, applied, last } = samples;
  return {
    ...{ at: pick(at), node: pick(node) },
    ...{ commit: pick(commit), applied: pick(applied), last: pick(last) },
  };
}

/** What happens to tasks goes first; of what goes, every so-manieth line stays. */
function thinnedStory(story: readonly StoryLine[]): readonly StoryLine[] {
  const room = reportLimits.lines;
  if (story.length <= room) return story;
  const isTelling = ({ kind }: StoryLine) => kind !== "task";
  const kept = new Set(spread(story.filter(isTelling), room));
  const rest = story.filter((line) => !isTelling(line));
  for (const line of spread(rest, room - kept.size)) kept.add(line);
  return story.filter((line) => kept.has(line));
}

/** Tasks with the most to tell stay: those that ran more than once, failed, or were replaced. */
function thinnedTasks(tasks: readonly RecordedTask[]): readonly RecordedTask[] {
  if (tasks.length <= reportLimits.tasks) return tasks;
  const telling = [...tasks].sort((left, right) => right.states.length - left.states.length);
  const kept = new Set(telling.slice(0, reportLimits.tasks));
  return tasks.filter((task) => kept.has(task));
}
