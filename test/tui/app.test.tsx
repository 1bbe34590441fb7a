import { render } from "ink-testing-library";
import { expect, onTestFinished, test, vi } from "vitest";
import partition from "../../scenarios/partition.ts";
import { App } from "../../tui/app.tsx";
import { Pace, processPace } from "../../tui/pace.ts";
import { patienceMs } from "../support/patience.ts";
import { HandSource, recordedRun } from "./support/recorded-source.ts";
import { plainLook, small, withoutCodes } from "./support/screen-text.tsx";

const { momentAt } = recordedRun(partition);
const calm = momentAt(30_000_000);

function shown(source: HandSource) {
  const app = render(<App source={source} size={small} look={plainLook} pace={processPace()} />);
  onTestFinished(() => app.unmount());
  const text = () => withoutCodes(app.lastFrame() ?? "");
  const sees = (words: string | RegExp) =>
    vi.waitFor(() => expect(text()).toMatch(words), { timeout: patienceMs, interval: 5 });
  return { type: (keys: string) => app.stdin.write(keys), text, sees };
}

test("the view waits for the first moment, and shows it", async () => {
  const source = new HandSource(null, "cluster", "prod");
  const { sees } = shown(source);
  await sees("Waiting for prod");
  source.show(calm);
  await sees(/m\d term 1/);
});

test("keys reach the source, and what came of them is told until the next key", async () => {
  const source = new HandSource(calm);
  const { type, sees, text } = shown(source);
  await sees("network");
  source.outcome = { ok: false, text: "m2 is down already." };
  type("lx");
  await sees("✖ m2 is down already.");
  expect(source.commands).toEqual([{ kind: "crash", node: "m2" }]);
  type("\u001b[C");
  await sees("q quit");
  expect(text()).not.toContain("already");
});

test("several keys that come at once each count", async () => {
  const source = new HandSource(calm);
  const { type, sees } = shown(source);
  await sees("network");
  type("3/web.2\r");
  await sees("1 of 6");
  type("2dS9\ry");
  await sees("Done");
  expect(source.commands).toMatchObject([{ kind: "scale", replicas: 9 }]);
});

test("a lost cluster is said to be lost, and to be back", async () => {
  const at = (state: "lost" | "connected", to: string, reason = "") => {
    return { ...calm, playback: null, connection: { state, to, reason } };
  };
  const source = new HandSource(at("lost", "m3", "nothing was heard so far"), "cluster");
  const { sees, text } = shown(source);
  await sees(/LOST: nothing was heard/);
  source.show(at("connected", "m3"));
  await sees("connected to m3");
  source.show(at("connected", "m2"));
  await sees("connected to m2");
  expect(text()).not.toContain("is back");
  source.show(at("lost", "m3", "no answer"));
  await sees(/LOST: no answer/);
  source.show(at("connected", "m1"));
  await sees("The cluster is back: m1 answers.");
  expect(text()).not.toContain("LOST");
});

test("? shows the keys, and any key closes them", async () => {
  const { type, sees } = shown(new HandSource(calm));
  await sees("network");
  type("?");
  await sees(/space +play or pause/);
  type("x");
  await sees("network");
});

test("a source that never rests is drawn thirty times a second, to the newest", async () => {
  vi.useFakeTimers();
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const source = new HandSource(calm);
  const pace = new Pace({ now: () => performance.now(), used: () => 0 });
  const begun = vi.spyOn(pace, "begin");
  const app = render(<App source={source} size={small} look={plainLook} pace={pace} />);
  onTestFinished(() => app.unmount());
  for (let n = 0; n < 1_000; n += 1) {
    source.show(momentAt(30_000_000 + n));
    await vi.advanceTimersByTimeAsync(1);
  }
  await vi.advanceTimersByTimeAsync(50);
  expect(begun.mock.calls.length).toBeGreaterThan(25);
  expect(begun.mock.calls.length).toBeLessThanOrEqual(32);
  expect(withoutCodes(app.lastFrame() ?? "")).toContain("30.001 s");
});

test("the pace slows down where drawing takes long, but not without end", () => {
  let [now, used] = [0, 0];
  const pace = new Pace({ now: () => now, used: () => used });
  const draw = (ms: number) => {
    pace.begin();
    used += ms;
    pace.end();
    used += 500;
    pace.end();
  };
  expect(pace.wait()).toBe(0);
  draw(2);
  now += 10;
  expect(pace.wait()).toBeCloseTo(1000 / 30 - 10);
  draw(20);
  expect(pace.wait()).toBe(80);
  draw(400);
  expect(pace.wait()).toBe(100);
});
