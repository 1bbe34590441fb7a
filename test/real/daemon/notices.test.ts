import { expect, test } from "vitest";
import { Notices } from "../../../real/daemon/notices.ts";

test("what was said of a peer is not said again, and strangers can't fill the log", () => {
  const notices = new Notices();
  expect(notices.isNews("w1", "it is gone")).toBe(true);
  expect(notices.isNews("w1", "it is gone")).toBe(false);
  expect(notices.isNews("w2", "it is gone")).toBe(true);
  const texts = Array.from({ length: 100 }, (_, at) => notices.isNews("w1", `trouble ${at}`));
  expect(texts.filter((isNews) => isNews).length).toBe(7);
});
