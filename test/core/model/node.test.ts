import { expect, test } from "vitest";
import { isInvalidNode } from "../../../core/model/node.ts";
import { node } from "../../support/model.ts";

test("isInvalidNode() is true of nodes that are gone, down or drained, and of no other", () => {
  expect(isInvalidNode(undefined)).toBe(true);
  expect(isInvalidNode(node("n1", { state: "down" }))).toBe(true);
  expect(isInvalidNode(node("n1", { availability: "drain" }))).toBe(true);
  expect(isInvalidNode(node("n1", { availability: "pause" }))).toBe(false);
  expect(isInvalidNode(node("n1", { state: "unknown" }))).toBe(false);
  expect(isInvalidNode(node("n1"))).toBe(false);
});
