import type { MemberId } from "../../core/raft/driver.ts";
import type { Cluster, Member } from "./cluster.ts";
import { describeEntry, describeMembership, describeMessage, describeRole } from "./format.ts";

/** One line a member: the fields of the paper's figure 2. */
export function raftState({ id, raft }: Member): string {
  if (raft === null) return `${id} is down`;
  const { role, term, vote, leader, commit, applied, stable, lastIndex, lastTerm } = raft.status();
  const place = `${describeRole(role, leader)} in term ${term}, vote ${vote ?? "none"}`;
  const marks = `commit ${commit}, applied ${applied}, stable ${stable}`;
  return `${id} is ${place}, log ends ${lastIndex}/${lastTerm}, ${marks}`;
}

/** One line an entry; those not known to be committed are marked. */
export function raftLog(cluster: Cluster, id: MemberId): string[] {
  const raft = cluster.raft(id);
  const { firstIndex, lastIndex, commit } = raft;
  const lines = firstIndex === 1 ? [] : [`log begins after ${at(cluster, id, firstIndex - 1)}`];
  for (let index = firstIndex; index <= lastIndex; index += 1) {
    const entry = raft.entryAt(index);
    if (entry === null) throw new Error(`${id} has a hole in its log at ${index}`);
    lines.push(`${describeEntry(entry)}${index > commit ? " (not known to be committed)" : ""}`);
  }
  return lines.length > 0 ? lines : ["the log is empty"];
}

/** The terms of a whole log in one line, as the paper draws it. */
export function logTerms({ id, raft }: Member): string {
  if (raft === null) return `${id} is down`;
  const { firstIndex, lastIndex } = raft;
  const length = lastIndex - firstIndex + 1;
  const terms = Array.from({ length }, (_, offset) => raft.termAt(firstIndex + offset));
  const start = firstIndex === 1 ? "" : `(after ${firstIndex - 1}) `;
  return `${id}: ${start}${terms.join(" ")}`;
}

/** A member, its membership, and what it knows of its followers. */
export function status(cluster: Cluster, id: MemberId): string[] {
  const raft = cluster.raft(id);
  const followers = raft.progress().map((follower) => {
    const { member, learner, state, match, next, inflightMessages, active } = follower;
    const notes = [
      ...(inflightMessages > 0 ? [`${inflightMessages} on their way`] : []),
      ...(learner ? ["learner"] : []),
      ...(active ? [] : ["not heard"]),
    ];
    return `  ${member} ${[`${state}, match ${match}, next ${next}`, ...notes].join(", ")}`;
  });
  const { membership } = raft.status();
  return [raftState(cluster.member(id)), `  ${describeMembership(membership)}`, ...followers];
}

export function messages({ mail, delayed }: Cluster): string[] {
  const onTheWay = mail.map((message) => {
    return `${message.from} -> ${message.to} ${describeMessage(message)}`;
  });
  const held = delayed.map((message) => {
    return `${message.from} -> ${message.to} ${describeMessage(message)} (delayed)`;
  });
  return [...onTheWay, ...held];
}

function at(cluster: Cluster, id: MemberId, index: number): string {
  return `${index}/${cluster.raft(id).termAt(index)}`;
}
