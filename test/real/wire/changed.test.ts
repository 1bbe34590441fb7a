import fc from "fast-check";
import { expect, test } from "vitest";
import { changedNode, changedStatus, changedTask } from "../../../core/model/changed.ts";
import type { Node } from "../../../core/model/node.ts";
import type { Task } from "../../../core/model/task.ts";
import type { Codec } from "../../../real/wire/codec.ts";
import { node } from "../../../real/wire/node.ts";
import { protoMessage } from "../../../real/wire/proto.ts";
import { task } from "../../../real/wire/task.ts";
import { bytesOf, messageOf } from "../../support/wire-arbitraries.ts";

// Goal: what is copied field by field loses none of them, those among them that are often left out.
// Method: any object that can be on the wire.

function anyOf<T>(name: string, codec: Codec<T>): fc.Arbitrary<T> {
  const { decode } = protoMessage(codec);
  return messageOf(codec.shape).map((message) => {
    const found = decode(bytesOf(name, message));
    if (found.kind !== "decoded") throw new Error(found.reason);
    return found.value;
  });
}

test("a changed task, its status and a changed node are otherwise as they were", () => {
  const tasks = anyOf<Task>("Task", task);
  const nodes = anyOf<Node>("Node", node);
  fc.assert(
    fc.property(tasks, nodes, (oneTask, oneNode) => {
      expect(changedTask(oneTask, {})).toEqual(oneTask);
      expect(changedStatus(oneTask.status, {})).toEqual(oneTask.status);
      expect(changedNode(oneNode, {})).toEqual(oneNode);
    }),
    { numRuns: 100 },
  );
});
