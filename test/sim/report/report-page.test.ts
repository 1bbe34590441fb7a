/// <reference lib="dom" />
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  at,
  availability,
  crash,
  eventually,
  restart,
  running,
  scenario,
  service,
} from "../../../sim/scenario/dsl.ts";
import { type Browser, startChromium } from "../../support/chromium.ts";
import { pageOf, recorded } from "./recorded.ts";

// Goal: the report works where it is read: in a browser, from a file, alone.
// Method: Chromium opens one of a run that fails, and does what a reader does.

const plan = scenario({
  name: "too few <are> left",
  story: "Two of four workers crash & one of them comes back.",
  topology: { managers: 3, workers: 4 },
  services: [service("web", { image: "web:1", replicas: 6 })],
  steps: [at("30s", crash("leader")), at("60s", crash("w1")), at("90s", restart("w1"))],
  expect: [eventually(running("web", 6)), availability("web", { lowest: 6 })],
});
const run = recorded(plan);
const folder = mkdtempSync(join(tmpdir(), "simswarm-report-"));
const file = join(folder, "report.html");
const address = pathToFileURL(file).href;
let browser: Browser;

beforeAll(async () => {
  writeFileSync(file, await pageOf(plan, run));
  browser = await startChromium();
});

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Opened {
  readonly page: Page;
  /** What the browser asked for besides the page, and what went wrong in it. */
  readonly requests: string[];
  readonly errors: string[];
}

async function open(hash = ""): Promise<Opened> {
  const page = await browser.context.newPage();
  const requests: string[] = [];
  const errors: string[] = [];
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(address) && !url.startsWith("data:")) requests.push(url);
  });
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") errors.push(message.text());
  });
  await page.goto(address + hash);
  await page.waitForSelector("html[data-ready]");
  return { page, requests, errors };
}

const title = async (page: Page) => (await page.locator("#moment h2").textContent()) ?? "";
const rowOf = (page: Page, node: string) =>
  page.locator("#moment tr", { has: page.locator(`th:text-is("${node}")`) }).textContent();

test("it loads alone, without an error, and says what it is of", async () => {
  const { page, requests, errors } = await open();
  expect(requests).toEqual([]);
  expect(errors).toEqual([]);
  expect(await page.title()).toBe("FAIL too few <are> left, seed 1");
  const head = await page.locator("header").textContent();
  expect(head).toContain("Two of four workers crash & one of them comes back.");
  expect(head).toContain("✖ availability broke at");
  expect(head).toContain("npx sim run it.ts --seed 1");
  expect(await page.locator("#lanes-chart svg").count()).toBe(1);
  const lanes = await page.locator("#lanes-chart").textContent();
  for (const node of ["m1", "m2", "m3", "w1", "w4"]) expect(lanes).toContain(node);
  expect(lanes).toMatch(/leader · term \d/);
  expect(lanes).toContain("✖ availability");
  await page.close();
});

test("it opens at the violation; a click shows the state at the moment clicked", async () => {
  const { page } = await open();
  const violatedAt = run.result.violations[0]?.at ?? 0;
  expect(await title(page)).toBe(`At ${violatedAt.toFixed(6)} s`);
  const chart = await page.locator("#lanes-chart svg").boundingBox();
  if (chart === null) throw new Error("there is no chart");
  const [left, right] = [96, 26];
  const share = 75e6 / run.record.end;
  const x = chart.x + left + share * (chart.width - left - right);
  await page.mouse.click(x, chart.y + chart.height / 2);
  expect(Number((await title(page)).split(" ")[1])).toBeCloseTo(75, 0);
  expect(await rowOf(page, "w1")).toContain("down");
  expect(await rowOf(page, "w3")).toContain("worker");
  expect(await rowOf(page, "m1")).not.toContain(".0");
  expect(await page.evaluate(() => location.hash)).toMatch(/^#t=7\d\.\d+$/);
  await page.close();
});

test("a click on the overview leads to the moment clicked, whatever the charts show", async () => {
  const { page } = await open("#t=25&from=20&to=30");
  const chart = await page.locator("#overview svg").boundingBox();
  if (chart === null) throw new Error("there is no overview");
  const [left, right] = [96, 26];
  const x = chart.x + left + (60e6 / run.record.end) * (chart.width - left - right);
  await page.mouse.click(x, chart.y + 20);
  expect(Number((await title(page)).split(" ")[1])).toBeCloseTo(60, 0);
  await page.mouse.move(x, chart.y + 20);
  await page.mouse.down();
  await page.mouse.move(x - 40, chart.y + 20, { steps: 8 });
  await page.mouse.up();
  const [from = 0, to = 0] = (await page.evaluate(() => location.hash))
    .split("&")
    .slice(1)
    .map((word) => Number(word.split("=")[1]));
  const dragged = 60 - (40 / (chart.width - left - right)) * (run.record.end / 1e6);
  expect((from + to) / 2).toBeCloseTo(dragged, 0);
  await page.close();
});

test("an address leads to its moment", async () => {
  const { page, errors } = await open("#t=25&from=20&to=30");
  expect(await title(page)).toBe("At 25.000000 s");
  expect(await page.locator("#window-text").textContent()).toBe("20.000 s to 30.000 s");
  await page.evaluate(() => {
    location.hash = "#t=75";
  });
  await expect.poll(() => title(page)).toBe("At 75.000000 s");
  const drawn = () => page.locator("#lanes-chart").innerHTML();
  const before = await drawn();
  await page.evaluate(() => {
    location.hash = "#t=75&from=60&to=90";
  });
  await expect.poll(drawn).not.toBe(before);
  expect(await page.locator("#window-text").textContent()).toBe("60.0 s to 90.0 s");
  expect(errors).toEqual([]);
  await page.close();
});

test("keys move the moment, jump from fault to fault, zoom and show help", async () => {
  const { page } = await open("#t=0");
  const faults = run.record.story.filter(({ kind }) => kind === "fault" || kind === "election");
  await page.keyboard.press("n");
  expect(await title(page)).toBe(`At ${(faults[0]?.at ?? 0).toFixed(6)} s`);
  await page.keyboard.press("n");
  expect(await title(page)).toBe(`At ${(faults[1]?.at ?? 0).toFixed(6)} s`);
  await page.keyboard.press("p");
  expect(await title(page)).toBe(`At ${(faults[0]?.at ?? 0).toFixed(6)} s`);
  await page.keyboard.press("ArrowRight");
  const later = Number((await title(page)).split(" ")[1]);
  expect(later).toBeCloseTo((faults[0]?.at ?? 0) + run.record.end / 1e8, 3);
  for (let times = 0; times < 6; times += 1) await page.keyboard.press("+");
  await expect.poll(() => page.locator("#lanes-note").textContent()).toMatch(/^All /);
  await page.keyboard.press("0");
  await expect.poll(() => page.locator("#window-text").textContent()).toMatch(/^0\.0 s to /);
  await page.keyboard.press("v");
  expect(await title(page)).toBe(`At ${(run.result.violations[0]?.at ?? 0).toFixed(6)} s`);
  await page.keyboard.press("?");
  expect(await page.locator("#help").isVisible()).toBe(true);
  expect(await page.locator("#help").textContent()).toContain("next, previous fault");
  await page.keyboard.press("Escape");
  expect(await page.locator("#help").isVisible()).toBe(false);
  await page.close();
});

test("what is drawn can be chosen, and a line of the story be clicked", async () => {
  const { page } = await open("#t=10&from=9&to=11");
  const arrows = () => page.locator('#lanes-chart [aria-label="arrow"] path').count();
  const before = await arrows();
  expect(before).toBeGreaterThan(10);
  await page.locator('#channels input[value="agent"]').uncheck();
  expect(await arrows()).toBeLessThan(before);
  await page.locator("#workers").uncheck();
  expect(await page.locator("#lanes-chart").textContent()).not.toContain("w1");
  await page.locator("#story button", { hasText: "w1 crashes" }).click();
  expect(await title(page)).toBe("At 60.000000 s");
  expect(await rowOf(page, "w1")).toContain("down");
  await page.close();
});

test("dark and print are readable: text stands out from what is behind it", async () => {
  const { page } = await open();
  for (const media of [
    { colorScheme: "light" },
    { colorScheme: "dark" },
    { colorScheme: "dark", media: "print" },
  ] as const) {
    await page.emulateMedia({ media: null, ...media });
    const contrasts = await page.evaluate(contrastsOf);
    for (const [name, contrast] of Object.entries(contrasts)) {
      expect(contrast, `${name} in ${JSON.stringify(media)}`).toBeGreaterThanOrEqual(4.5);
    }
  }
  expect(await page.locator("#next").isVisible()).toBe(false);
  expect(await page.locator("#lanes-chart svg").isVisible()).toBe(true);
  expect((await page.pdf()).length).toBeGreaterThan(20_000);
  await page.close();
});

/** In the page: how much each colour stands out from the one behind it (WCAG 2, 1.4.3). */
function contrastsOf(): Record<string, number> {
  const probe = document.createElement("span");
  document.body.append(probe);
  const luminance = (name: string) => {
    probe.style.color = `var(--${name})`;
    const parts = getComputedStyle(probe).color.match(/[\d.]+/g) ?? [];
    const [red = 0, green = 0, blue = 0] = parts.map((part) => {
      const value = Number(part) / 255;
      return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one: string, other: string) => {
    const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  const pairs = [
    ...["text", "quiet", "fault", "heal", "election", "violation", "partition", "link"].map(
      (name) => [name, "page"],
    ),
    ...["leader", "candidate", "pre-candidate", "follower", "task"].map((name) => [
      `${name}-text`,
      name,
    ]),
  ];
  const told = pairs.map(([text = "", behind = ""]) => [text, contrast(text, behind)]);
  probe.remove();
  return Object.fromEntries(told);
}

test("whoever reads it without eyes hears what the charts are", async () => {
  const { page } = await open();
  const labels = await page.evaluate(() =>
    [...document.querySelectorAll("#charts svg[aria-label]")].map((svg) =>
      svg.getAttribute("aria-label"),
    ),
  );
  expect(labels).toContain("Nodes over time");
  expect(labels).toContain("Tasks over time");
  expect(labels).toContain("Tasks of web that ran, over time");
  const unnamed = await page.evaluate(() =>
    [...document.querySelectorAll("button, input, select")]
      .filter((control) => !control.closest("label") && control.textContent?.trim() === "")
      .map(({ outerHTML }) => outerHTML),
  );
  expect(unnamed).toEqual([]);
  await page.close();
});
