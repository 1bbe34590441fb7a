import { grouped } from "../../core/observe/numbers.ts";
import { recoveryText } from "../cli/report.ts";
import { oneLine, secondsText } from "../cli/words.ts";
import type { RunResult } from "../result.ts";
import type { ReportData } from "./report-data.ts";
import { style } from "./style.ts";

/** Nothing may be loaded, and nothing asked for. */
const policy =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:";

export function headOf({ scenario, seed, verdict }: RunResult): string {
  return `<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${escaped(`${verdict === "pass" ? "PASS" : "FAIL"} ${scenario}, seed ${seed}`)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>`;
}

/** The frame that the page's program fills; what is here can be read without it. */
export function bodyOf(data: ReportData, result: RunResult): string {
  return `${patterns}
${header(data, result)}
<main>
${bar(result)}
${charts}
${aside(data)}
</main>
<dialog id="help" aria-labelledby="help-title">
<h2 id="help-title">Keys</h2>
<dl id="help-keys"></dl>
<p>Click on the charts for the state at that moment; drag to move, Ctrl and wheel to zoom.</p>
<form method="dialog"><button>Close</button></form>
</dialog>
<noscript><p class="broken">A script draws the charts, and it is switched off.</p></noscript>`;
}

function header(data: ReportData, result: RunResult): string {
  const { scenario, seed, verdict, violations } = result;
  const word = verdict === "pass" ? "PASS" : "FAIL";
  const broken = violations.map(({ invariant, at, node, detail }) => {
    const place = node === null ? "" : ` on ${escaped(node)}`;
    const what = `<strong>✖ ${escaped(invariant)}</strong> broke at ${secondsText(at, 3)}${place}`;
    return `<p class="broken">${what}: ${escaped(oneLine(detail))}</p>`;
  });
  const facts = factsOf(data, result).map(
    ([name, value]) => `<div><dt>${name}</dt><dd>${escaped(value)}</dd></div>`,
  );
  return `<header>
<h1>${escaped(scenario)}, seed ${escaped(seed)}</h1><span class="badge ${verdict}">${word}</span>
<p class="quiet">${escaped(oneLine(data.story))}</p>
${broken.join("\n")}
${evidence(result)}
<dl class="facts">${facts.join("")}</dl>
<p>Again: <code class="command">${escaped(data.command)}</code></p>
${thinNote(data)}
</header>`;
}

/** What the machines knew of it, and the last events. */
function evidence({ evidence: known, lastEvents }: RunResult): string {
  const blocks = [
    ["What is known of it", known, " open"],
    [`The last ${lastEvents.length} events`, lastEvents, ""],
  ] as const;
  return blocks
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines, state]) => {
      const text = escaped(lines.join("\n"));
      const inside = `<summary>${title}</summary><pre>${text}</pre>`;
      return `<details class="evidence"${state}>${inside}</details>`;
    })
    .join("\n");
}

function factsOf({ totals }: ReportData, result: RunResult): [string, string][] {
  const { events, simulatedSeconds, messages, elections, recovery, digest } = result;
  return [
    ["simulated", secondsText(simulatedSeconds)],
    ["events", grouped(events)],
    ["messages", `${grouped(messages.sent)}, ${grouped(messages.dropped)} lost`],
    ...(recovery.bound === 0
      ? []
      : ([
          ["elections", grouped(elections)],
          ["tasks", grouped(totals.tasks)],
          ["recovery", recoveryText(result)],
        ] as [string, string][])),
    ["digest", digest],
  ];
}

/** What is not on the page, so that nobody takes it for what did not happen. */
function thinNote({ record, totals }: ReportData): string {
  const kept = {
    messages: record.messages.sentAt.length,
    samples: record.samples.at.length,
    tasks: record.tasks.length,
    lines: record.story.length,
  };
  const names = {
    messages: "messages (heartbeats are left out first)",
    samples: "changes of logs",
    tasks: "tasks (those with the least to tell are left out)",
    lines: "lines of the story",
  };
  const parts = (Object.keys(kept) as (keyof typeof kept)[])
    .filter((key) => kept[key] < totals[key])
    .map((key) => `${grouped(kept[key])} of ${grouped(totals[key])} ${names[key]}`);
  return parts.length === 0 ? "" : `<p class="note">This page holds ${parts.join(", ")}.</p>`;
}

function bar({ verdict }: RunResult): string {
  const violation =
    verdict === "pass" ? "" : '<button type="button" id="to-violation">✖ violation</button>';
  return `<div id="bar" role="toolbar" aria-label="What is on the screen">
<button type="button" id="previous" title="previous fault, election or violation">‹ prev</button>
<button type="button" id="next" title="next fault, election or violation">next ›</button>
${violation}
<button type="button" id="zoom-in" aria-label="closer">+</button>
<button type="button" id="zoom-out" aria-label="further away">−</button>
<button type="button" id="zoom-whole">whole run</button>
<fieldset id="channels"><legend>Messages</legend>
${channelBox("raft", "Raft")}${channelBox("agent", "agents")}${channelBox("other", "others")}
</fieldset>
<label><input type="checkbox" id="workers" checked> workers</label>
<button type="button" id="show-help" aria-label="help about keys">?</button>
<span id="window-text" aria-live="polite"></span>
</div>`;
}

function channelBox(value: string, name: string): string {
  const swatch = `<i class="swatch" style="background:var(--message-${value})"></i>`;
  return `<label><input type="checkbox" value="${value}" checked> ${swatch} ${name}</label>`;
}

const charts = `<div id="charts" tabindex="-1">
<div id="moment-line"></div>
<div id="overview"><div id="overview-chart"></div><div id="overview-window"></div></div>
<section aria-labelledby="lanes-title">
<h2 id="lanes-title">Nodes</h2>
<div class="legend">${legend()}</div>
<div id="lanes-chart"></div>
<p class="note" id="lanes-note"></p>
</section>
<section id="services" aria-labelledby="services-title">
<h2 id="services-title">Availability</h2>
<div class="legend"><span><i class="box" style="background:var(--task)"></i> tasks that run</span>
<span>- - - wanted</span><span>${hatched("short")} short of what is wanted</span></div>
<div id="services-charts"></div>
<p class="note" id="services-note"></p>
</section>
<section id="tasks" aria-labelledby="tasks-title">
<h2 id="tasks-title">Tasks</h2>
<div class="legend"><label>of <select id="task-service"></select></label>
<span><i class="box" style="background:var(--task)"></i> its container runs on that node</span>
<span>${hatched("task")} it exists, and does not run</span></div>
<div id="tasks-chart"></div>
<p class="note" id="tasks-note"></p>
</section>
</div>`;

function legend(): string {
  const roles = ["leader", "candidate", "pre-candidate", "follower"].map(
    (role) =>
      `<span><i class="box" style="background:var(--${role});` +
      `border-color:var(--${role}-edge)"></i> ${role}</span>`,
  );
  const signs = [
    ["fault", "▼ fault"],
    ["heal", "▲ heal"],
    ["election", "★ election"],
    ["lost", "× message lost"],
  ].map(([colour, text]) => `<span style="color:var(--${colour})">${text}</span>`);
  return [
    ...roles,
    `<span>${hatched("down")} down</span><span>${hatched("paused")} paused</span>`,
    `<span>${hatched("partition")} cut off from the largest group</span>`,
    ...signs,
  ].join("");
}

function hatched(name: string): string {
  return (
    '<svg width="22" height="12" aria-hidden="true">' +
    `<rect width="22" height="12" fill="url(#hatch-${name})" stroke="currentColor"/></svg>`
  );
}

function aside({ record }: ReportData): string {
  return `<aside>
<div id="moment" aria-live="polite" aria-label="State at the moment"></div>
<h3 id="story-title">What happened</h3>
<div id="story" aria-labelledby="story-title"></div>
<p class="note">${grouped(record.story.length)} lines; n and p go from fault to fault.</p>
</aside>`;
}

/** Patterns, so that nothing is told by colour alone. */
const patterns = `<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs>
${hatch("down", "var(--down)", 45, 5, 2.6)}
${hatch("paused", "var(--down)", 90, 6, 2)}
${hatch("partition", "var(--partition)", -45, 7, 1.2)}
${hatch("task", "var(--task)", 45, 6, 1.2)}
${hatch("short", "var(--fault)", -45, 5, 1.6)}
</defs></svg>`;

function hatch(name: string, colour: string, turn: number, size: number, line: number): string {
  return (
    `<pattern id="hatch-${name}" width="${size}" height="${size}" patternUnits="userSpaceOnUse" ` +
    `patternTransform="rotate(${turn})"><rect width="${line}" height="${size}" ` +
    `style="fill:${colour}"/></pattern>`
  );
}

/** Text of a user's file as text of a page. */
function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
  return text.replace(/[&<>]/g, (letter) => entities[letter] ?? letter).replace(/"/g, "&quot;");
}
