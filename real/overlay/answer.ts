import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  encodingLength,
  type Packet,
  type Question,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
} from "dns-packet";
import type { Lookup } from "./names.ts";

/** Tasks come and go: what was found is to be asked again soon. In seconds. */
const ttl = 1;
/** What an answer over UDP may have, where the client does not say (RFC 1035, 4.2.1). */
const plainBytes = 512;
/** What goes through any path in one piece, which no client gets more than. */
const mostBytes = 1_232;

/** A name whose TXT record says which network it is that one has asked. */
export const ownName = "overlay.simswarm";

/** A query, as far as an answer depends on it. */
export interface Query {
  readonly id: number;
  readonly flags: number;
  readonly questions: readonly Question[];
  /** What fits into an answer over UDP. */
  readonly room: number;
  /** The client speaks EDNS (RFC 6891), and so must the answer. */
  readonly isExtended: boolean;
}

/** Codes of RFC 1035, 4.1.1, with which a query is turned down. */
const failures = { malformed: 1, failed: 2, notImplemented: 4, refused: 5 } as const;

type Failure = keyof typeof failures;

/** Null: it is no query. */
export function queryIn(bytes: Buffer): Query | null {
  try {
    const packet = decode(bytes);
    if (packet.type !== "query") return null;
    const option = packet.additionals?.find((each) => each.type === "OPT");
    const said = option?.type === "OPT" ? option.udpPayloadSize : plainBytes;
    return {
      id: packet.id ?? 0,
      flags: packet.flags ?? 0,
      questions: packet.questions ?? [],
      room: Math.min(mostBytes, Math.max(plainBytes, said)),
      isExtended: option !== undefined,
    };
  } catch {
    return null;
  }
}

/** What is found for the query; null: it is about nothing that is known here. */
export function answerTo(query: Query, lookup: Lookup, room: number): Buffer | null {
  const [question] = query.questions;
  if ((query.flags & kindBits) !== 0) return failureTo(query, "notImplemented");
  if (question === undefined || query.questions.length > 1) return failureTo(query, "malformed");
  const answers = answersTo(question, lookup);
  return answers === null ? null : encode(fitting(query, answers, room));
}

export function failureTo(query: Query, failure: Failure): Buffer {
  return encode(reply(query, [], failures[failure]));
}

/** A name that is known has no more records than those, which is an answer too. */
function answersTo({ name, type }: Question, lookup: Lookup): Answer[] | null {
  const plain = name.replace(/\.$/, "");
  if (type === "PTR") {
    const found = lookup.nameOf(addressIn(plain));
    return found === null ? null : [{ type, name, ttl, data: found }];
  }
  if (type === "TXT" && plain === ownName) return [{ type, name, ttl, data: lookup.network }];
  const addresses = lookup.addresses(plain);
  if (addresses === null) return null;
  return type === "A" ? shuffled(addresses).map((data) => ({ type, name, ttl, data })) : [];
}

/** The address that the name for a reverse lookup is about; no address for any other name. */
function addressIn(name: string): string {
  const [, reversed = ""] = /^([\d.]+)\.in-addr\.arpa$/i.exec(name) ?? [];
  return reversed.split(".").reverse().join(".");
}

/** Fewer than there are, and said so, when not all fit. */
function fitting(query: Query, answers: Answer[], room: number): Packet {
  const whole = reply(query, answers, 0);
  if (encodingLength(whole) <= room) return whole;
  const empty = encodingLength(reply(query, [], 0));
  const each = (encodingLength(whole) - empty) / answers.length;
  const fit = answers.slice(0, Math.floor((room - empty) / each));
  return reply(query, fit, truncated);
}

const truncated = 1 << 9;
/** What kind of query it is: 0 for the usual one. */
const kindBits = 15 << 11;
/** What an answer has as the query has it: its kind, and whether others may be asked for it. */
const kept = kindBits | RECURSION_DESIRED;

function reply(
  { id, flags, questions, isExtended }: Query,
  answers: Answer[],
  more: number,
): Packet {
  const own = AUTHORITATIVE_ANSWER | RECURSION_AVAILABLE;
  return {
    id,
    type: "response",
    flags: own | (flags & kept) | more,
    questions: [...questions],
    answers,
    additionals: isExtended ? [extension] : [],
  };
}

const extension: Answer = {
  type: "OPT",
  name: ".",
  udpPayloadSize: mostBytes,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
};

/** Each order is as likely as any other, so that clients spread. */
function shuffled(addresses: readonly string[]): string[] {
  const order = addresses.map((address) => ({ address, at: Math.random() }));
  return order.sort((one, other) => one.at - other.at).map(({ address }) => address);
}
