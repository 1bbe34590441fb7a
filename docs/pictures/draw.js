/**
 * Draws the pictures of the terminal view, as SVG, from what a real terminal (tmux) shows:
 *
 *     npm run build && node docs/pictures/draw.js
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import xterm from "@xterm/headless";

const root = fileURLToPath(new URL("../../", import.meta.url));
const view = "node dist/bin/tui.mjs sim scenarios/partition.ts";

const seconds = (count) => Array.from({ length: count }, () => ">");

/** Name, title, size, and the keys that lead to what is shown. */
const pictures = [
  {
    name: "tui-cluster",
    title: "A simulated cluster, cut in two: machines as cards, and the details of one",
    ...{ columns: 120, rows: 31 },
    keys: ["]", "E", ...seconds(31), "l", "l", "?", "Escape"],
  },
  {
    name: "tui-raft",
    title: "The Raft members of a simulated cluster just after an election",
    ...{ columns: 120, rows: 24 },
    keys: ["]", "E", "E", ".", ".", ".", "4", "?", "Escape"],
  },
];

const cell = { width: 8.4, height: 18 };
const margin = { x: 16, top: 40, bottom: 14 };
const paper = "#14161b";
const ink = "#d8dee9";
const font = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace";

async function capture({ columns, rows, keys }) {
  const folder = mkdtempSync(join(tmpdir(), "simswarm-picture-"));
  const tmux = (...args) =>
    execFileSync("tmux", ["-u", "-f", "/dev/null", "-S", join(folder, "socket"), ...args], {
      cwd: root,
      encoding: "utf8",
      env: { ...process.env, LANG: "C.UTF-8" },
    });
  const sized = ["-x", String(columns), "-y", String(rows)];
  tmux("new-session", "-d", ...sized, "-e", "TERM=tmux-256color", view);
  try {
    await until(() => tmux("capture-pane", "-p").includes("paused"));
    for (const key of keys) {
      tmux("send-keys", key);
      await sleep(key === "]" ? 3_000 : 150);
    }
    await sleep(500);
    return tmux("capture-pane", "-p", "-e");
  } finally {
    tmux("kill-server");
    rmSync(folder, { recursive: true, force: true });
  }
}

async function until(holds) {
  for (let tries = 0; tries < 300; tries += 1) {
    if (holds()) return;
    await sleep(100);
  }
  throw new Error("the view did not come up; was it built?");
}

/** Rows of cells, each with its letter, colours and weight. */
async function cellsOf(text, { columns, rows }) {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  await new Promise((written) => {
    terminal.write(text.trimEnd().replaceAll("\n", "\r\n"), written);
  });
  return Array.from({ length: rows }, (_, y) => {
    const line = terminal.buffer.active.getLine(y);
    return Array.from({ length: columns }, (_, x) => looksOf(line.getCell(x)));
  });
}

function looksOf(found) {
  const colour = found.isFgPalette() ? paletteColour(found.getFgColor()) : ink;
  const isReversed = found.isInverse() !== 0;
  return {
    letter: found.getChars() || " ",
    colour: isReversed ? paper : colour,
    ground: isReversed ? colour : null,
    isBold: found.isBold() !== 0,
  };
}

/** Of xterm's 256 colours those that the view uses: the cube and the greys. */
function paletteColour(number) {
  if (number < 16) return ink;
  if (number >= 232) return grey(8 + (number - 232) * 10);
  const level = (value) => (value === 0 ? 0 : 55 + value * 40);
  const cube = number - 16;
  const parts = [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map(level);
  return `rgb(${parts.join(",")})`;
}

function grey(value) {
  return `rgb(${value},${value},${value})`;
}

function drawn(cells, { columns, rows, title }) {
  const width = columns * cell.width + 2 * margin.x;
  const height = rows * cell.height + margin.top + margin.bottom;
  const dots = ["#ff5f57", "#febc2e", "#28c840"].map(
    (fill, n) => `<circle cx="${margin.x + 6 + n * 20}" cy="20" r="6" fill="${fill}"/>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="${font}" font-size="14">
<title>${title}</title>
<rect width="${width}" height="${height}" rx="10" fill="${paper}"/>
${dots.join("")}
<g transform="translate(${margin.x},${margin.top})">
${cells.map((row, y) => rowOf(row, y * cell.height)).join("\n")}
</g>
</svg>
`;
}

function rowOf(row, y) {
  return [...runsOf(row)].map((run) => runOf(run, y)).join("");
}

/** Neighbours that look the same and are drawn in the same way. */
function* runsOf(row) {
  let run = null;
  for (const [x, each] of row.entries()) {
    const kind = kindOf(each.letter);
    const isSame =
      run !== null &&
      kind === "text" &&
      run.kind === kind &&
      ["colour", "ground", "isBold"].every((field) => run[field] === each[field]);
    if (isSame) run.text += each.letter;
    else {
      if (run !== null) yield run;
      run = { ...each, kind, x, text: each.letter };
    }
  }
  if (run !== null) yield run;
}

function kindOf(letter) {
  if (letter in strokes || letter in shades) return "shape";
  return /^[ -~]$/.test(letter) ? "text" : "symbol";
}

function runOf({ kind, x, text, colour, ground, isBold }, y) {
  const left = x * cell.width;
  const width = [...text].length * cell.width;
  const back =
    ground === null
      ? ""
      : `<rect x="${left}" y="${y}" width="${width}" height="${cell.height}" fill="${ground}"/>`;
  if (text.trim() === "") return back;
  if (kind === "shape") return back + shapeOf(text, left, y, colour);
  const weight = isBold ? ' font-weight="bold"' : "";
  const look = `y="${y + 13.5}" fill="${colour}"${weight}`;
  if (kind === "symbol") {
    return `${back}<text x="${left + cell.width / 2}" text-anchor="middle" ${look}>${text}</text>`;
  }
  return back + [...text.matchAll(/\S+/g)].map((word) => wordOf(word, left, look)).join("");
}

/** Exactly as wide as its cells, whatever the font. */
function wordOf({ 0: word, index }, left, look) {
  const x = (left + index * cell.width).toFixed(1);
  const width = (word.length * cell.width).toFixed(1);
  return `<text x="${x}" textLength="${width}" lengthAdjust="spacingAndGlyphs" ${look}>${escaped(word)}</text>`;
}

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** How full a block is. */
const shades = { "█": 1, "▒": 0.5, "░": 0.22, "■": 1, "▌": 1 };

const w = cell.width;
const h = cell.height;
const [cx, cy, r] = [w / 2, h / 2, 4];
/** Lines as paths, so that they meet whatever the font. */
const strokes = {
  "─": `M0 ${cy}H${w}`,
  "│": `M${cx} 0V${h}`,
  "╭": `M${cx} ${h}V${cy + r}Q${cx} ${cy} ${cx + r} ${cy}H${w}`,
  "╮": `M0 ${cy}H${cx - r}Q${cx} ${cy} ${cx} ${cy + r}V${h}`,
  "╯": `M${cx} 0V${cy - r}Q${cx} ${cy} ${cx - r} ${cy}H0`,
  "╰": `M${cx} 0V${cy - r}Q${cx} ${cy} ${cx + r} ${cy}H${w}`,
  "━": `M0 ${cy}H${w}`,
  "┃": `M${cx} 0V${h}`,
  "┏": `M${cx} ${h}V${cy}H${w}`,
  "┓": `M0 ${cy}H${cx}V${h}`,
  "┛": `M${cx} 0V${cy}H0`,
  "┗": `M${cx} 0V${cy}H${w}`,
  "╳": `M1 4L${w - 1} ${h - 5}M${w - 1} 4L1 ${h - 5}`,
};
const heavy = "━┃┏┓┛┗";

function shapeOf(letter, x, y, colour) {
  if (letter in strokes) {
    const width = heavy.includes(letter) ? 2.4 : 1.1;
    const place = `transform="translate(${x.toFixed(2)},${y})"`;
    return `<path ${place} d="${strokes[letter]}" fill="none" stroke="${colour}" stroke-width="${width}"/>`;
  }
  const [top, high] = letter === "▌" ? [0, h] : [4, h - 8];
  const wide = letter === "■" ? w - 1.6 : letter === "▌" ? w / 2 : w;
  const size = `width="${(wide + 0.1).toFixed(2)}" height="${high}"`;
  return `<rect x="${x.toFixed(2)}" y="${y + top}" ${size} fill="${colour}" fill-opacity="${shades[letter]}"/>`;
}

for (const picture of pictures) {
  const text = await capture(picture);
  const svg = drawn(await cellsOf(text, picture), picture);
  writeFileSync(new URL(`${picture.name}.svg`, import.meta.url), svg);
  console.log(`docs/pictures/${picture.name}.svg`);
}
