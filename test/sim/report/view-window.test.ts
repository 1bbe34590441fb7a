import { expect, test } from "vitest";
import {
  fragmentOf,
  hashOf,
  neighbour,
  showing,
  within,
  zoomed,
} from "../../../sim/report/page/view-window.ts";

const end = 1_000_000;

test("within() keeps a window inside the run, and not too narrow to see anything", () => {
  expect(within({ from: -50, to: 50_000 }, end)).toEqual({ from: 0, to: 50_050 });
  expect(within({ from: 990_000, to: 1_010_000 }, end)).toEqual({ from: 980_000, to: end });
  expect(within({ from: -5, to: 5_000_000 }, end)).toEqual({ from: 0, to: end });
  expect(within({ from: 500, to: 500 }, end)).toEqual({ from: 500, to: 700 });
});

test("zoomed() leaves the moment where it was on the screen", () => {
  expect(zoomed({ from: 0, to: 1_000_000 }, 2, 250_000, end)).toEqual({
    from: 125_000,
    to: 625_000,
  });
  expect(zoomed({ from: 400_000, to: 600_000 }, 1 / 2, 500_000, end)).toEqual({
    from: 300_000,
    to: 700_000,
  });
});

test("showing() moves the window only for a moment that is not well inside", () => {
  const view = { from: 100_000, to: 200_000 };
  expect(showing(view, 150_000, end)).toBe(view);
  expect(showing(view, 500_000, end)).toEqual({ from: 450_000, to: 550_000 });
});

test("neighbour() finds the next and the one before, and null at the ends", () => {
  const moments = [10, 20, 30];
  expect(neighbour(moments, 20, 1)).toBe(30);
  expect(neighbour(moments, 20, -1)).toBe(10);
  expect(neighbour(moments, 25, -1)).toBe(20);
  expect(neighbour(moments, 30, 1)).toBeNull();
});

test("an address says a moment and a window, and comes back as it was", () => {
  const place = { moment: 62_348_001, view: { from: 60_000_000, to: 65_000_000 } };
  expect(hashOf(place)).toBe("#t=62.348001&from=60&to=65");
  expect(fragmentOf(hashOf(place))).toEqual(place);
  expect(fragmentOf("#t=nonsense&from=5")).toEqual({ moment: null, view: null });
  expect(fragmentOf("#t=-1&from=9&to=3")).toEqual({ moment: null, view: null });
});
