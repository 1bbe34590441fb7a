import { expect, test } from "vitest";
import { shortName } from "../../../sim/report/page/chart-frame.ts";

test("shortName() leaves out the middle of what does not fit, and keeps its number", () => {
  expect(shortName("web.12", 14)).toBe("web.12");
  expect(shortName("fourteen-chars", 14)).toBe("fourteen-chars");
  expect(shortName("service-with-a-long-name.12", 14)).toBe("service…ame.12");
  expect(shortName("service-with-a-long-name.12", 14)).toHaveLength(14);
});
