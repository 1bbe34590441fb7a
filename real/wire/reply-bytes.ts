import protobuf from "protobufjs";
import type { ClientReply, QueryResult } from "../../core/control/command.ts";
import { clientReply, queryObject } from "./control.ts";
import { protoMessage, protoRoot } from "./proto.ts";

const replies = protoMessage(clientReply);
const objects = protoMessage(queryObject);

/** What stands before a field's bytes, by the number that `control.proto` gives it. */
function tagOf(message: string, field: string): number {
  const id = protoRoot.lookupType(`simswarm.v1.${message}`).fields[field]?.id ?? 0;
  return (id << 3) | 2;
}

const resultTag = tagOf("ClientReply", "result");
const objectsTag = tagOf("ClientReply.Result", "objects");

/**
 * Replies as bytes. Objects of the store never change, they are replaced: the bytes of one are made
 * for the first list that it is in, and serve for all others.
 */
export class ReplyBytes {
  readonly #known = new WeakMap<QueryResult[number], Uint8Array>();

  encode(reply: ClientReply): Uint8Array {
    if (reply.kind !== "result") return replies.encode(reply);
    const writer = new protobuf.Writer();
    writer.uint32(resultTag).fork();
    for (const object of reply.objects) writer.uint32(objectsTag).bytes(this.#bytesOf(object));
    return writer.ldelim().finish();
  }

  #bytesOf(object: QueryResult[number]): Uint8Array {
    const known = this.#known.get(object);
    if (known !== undefined) return known;
    const made = objects.encode(object);
    this.#known.set(object, made);
    return made;
  }
}
