import { expect, test } from "vitest";
import { span } from "../../tui/line.ts";
import { type Column, table } from "../../tui/parts/table.ts";
import { plainLook } from "./support/screen-text.tsx";

const items = Array.from({ length: 100_000 }, (_, n) => `item ${n}`);

function drawn(columns: readonly Column<string>[], width = 60) {
  const lines = table(columns, { items, at: 50_000, look: plainLook, width, height: 20 });
  return lines.map((line) => line.map(({ text }) => text).join(""));
}

test("of a long list only the rows on the screen cost anything", () => {
  let cells = 0;
  const text = (item: string) => {
    cells += 1;
    return span(item);
  };
  const lines = drawn([{ title: "ITEM", width: 0, text }]);
  expect(lines).toHaveLength(20);
  expect(cells).toBe(19);
  expect(lines.find((line) => line.startsWith("▌"))).toContain("item 50000");
});

test("columns that need a wide table are left out of a narrow one", () => {
  const name: Column<string> = { title: "NAME", width: 0, text: (item) => span(item) };
  const extra: Column<string> = { title: "EXTRA", width: 9, from: 50, text: () => span("more") };
  expect(drawn([name, extra])[0]).toMatch(/^ NAME +EXTRA +$/);
  expect(drawn([name, extra], 40)[0]).toMatch(/^ NAME +$/);
});
