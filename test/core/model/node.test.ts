import { expect, test } from "vitest";
import { remoteApiOf } from "../../../core/model/node.ts";
import { description } from "../../support/model.ts";

test.each([
  ["10.0.0.1", 4242, "10.0.0.1:4242"],
  ["fd00::1", 4242, "[fd00::1]:4242"],
  ["10.0.0.1", undefined, "10.0.0.1"],
  ["", 4242, ""],
])("remoteApiOf() a node at '%s' with the port %s is '%s'", (address, remoteApiPort, expected) => {
  const port = remoteApiPort === undefined ? {} : { remoteApiPort };
  expect(remoteApiOf(description("n1", { address, ...port }))).toBe(expected);
});
