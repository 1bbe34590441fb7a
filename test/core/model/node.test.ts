import { expect, test } from "vitest";
import { isInvalidNode, remoteApiOf } from "../../../core/model/node.ts";
import { description, node } from "../../support/model.ts";

test("isInvalidNode() is true of nodes that are gone, down or drained, and of no other", () => {
  expect(isInvalidNode(undefined)).toBe(true);
  expect(isInvalidNode(node("n1", { state: "down" }))).toBe(true);
  expect(isInvalidNode(node("n1", { availability: "drain" }))).toBe(true);
  expect(isInvalidNode(node("n1", { availability: "pause" }))).toBe(false);
  expect(isInvalidNode(node("n1", { state: "unknown" }))).toBe(false);
  expect(isInvalidNode(node("n1"))).toBe(false);
});

test.each([
  ["10.0.0.1", 4242, "10.0.0.1:4242"],
  ["fd00::1", 4242, "[fd00::1]:4242"],
  ["10.0.0.1", undefined, "10.0.0.1"],
  ["", 4242, ""],
])("remoteApiOf() a node at '%s' with the port %s is '%s'", (address, remoteApiPort, expected) => {
  const port = remoteApiPort === undefined ? {} : { remoteApiPort };
  expect(remoteApiOf(description("n1", { address, ...port }))).toBe(expected);
});
