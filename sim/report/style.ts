/** How the report looks, in light, dark and print. No colour stands without a sign. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --raised: #f6f7f9; --text: #1c2330; --quiet: #56606f; --line: #d9dee6;
  --faint: #b9c2cf; --link: #0b57b7;
  --leader: #1858a8; --leader-edge: #0f3f7d; --leader-text: #ffffff;
  --candidate: #ffd27a; --candidate-edge: #9a6200; --candidate-text: #3d2600;
  --pre-candidate: #fff0cf; --pre-candidate-edge: #9a6200; --pre-candidate-text: #3d2600;
  --follower: #dfe8f4; --follower-edge: #9db4d0; --follower-text: #24374f;
  --down: #7a818c; --partition: #b3541e; --task: #1f7a5c; --task-text: #ffffff;
  --message-raft: #06224d; --message-agent: #6d7683; --message-other: #8a3fa0; --lost: #c22f2f;
  --fault: #b42318; --heal: #1f7a5c; --election: #9a6200; --violation: #c11574; --moment: #c11574;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #12161d; --raised: #1b212b; --text: #e6eaf0; --quiet: #a3adbb; --line: #333c49;
    --faint: #4b5667; --link: #8ab8ff;
    --leader: #78b0ff; --leader-edge: #b4d3ff; --leader-text: #07182f;
    --candidate: #c58a1a; --candidate-edge: #ffd27a; --candidate-text: #1d1200;
    --pre-candidate: #5c4513; --pre-candidate-edge: #ffd27a; --pre-candidate-text: #ffe9bf;
    --follower: #26344a; --follower-edge: #48618a; --follower-text: #cfdcf0;
    --down: #98a1ae; --partition: #f0955a; --task: #3fb489; --task-text: #04140d;
    --message-raft: #d5e6ff; --message-agent: #98a1ae; --message-other: #d396e6; --lost: #ff7b72;
    --fault: #ff8a80; --heal: #5fd0a5; --election: #ffc857; --violation: #ff7ab8; --moment: #ff7ab8;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
}
header, main { padding: 0 20px; }
header { padding-top: 16px; }
h1 { font-size: 21px; margin: 0 12px 0 0; display: inline; }
h2 { font-size: 15px; margin: 0 0 6px; }
h3 { font-size: 13px; margin: 14px 0 4px; }
p { margin: 4px 0; max-width: 90ch; }
code, kbd, time { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 12px; }
a { color: var(--link); }
.badge { display: inline-block; padding: 1px 10px; border-radius: 10px; font-weight: 700; }
.badge.pass { background: var(--heal); color: var(--page); }
.badge.fail { background: var(--violation); color: var(--page); }
.quiet, .note { color: var(--quiet); }
.broken {
  border-left: 4px solid var(--violation); background: var(--raised);
  padding: 8px 12px; margin: 10px 0; max-width: none;
}
.evidence { margin: 8px 0; }
.evidence summary { cursor: pointer; }
.evidence pre {
  overflow: auto; max-height: 42vh; margin: 6px 0; padding: 8px; font-size: 12px;
  border: 1px solid var(--line);
}
.facts { display: flex; flex-wrap: wrap; gap: 2px 22px; margin: 8px 0; padding: 0; }
.facts div { display: flex; gap: 6px; }
.facts dt { color: var(--quiet); }
.facts dd { margin: 0; font-variant-numeric: tabular-nums; }
.command { background: var(--raised); padding: 3px 8px; border-radius: 4px; user-select: all; }
main {
  display: grid; grid-template-columns: minmax(0, 1fr) 410px; gap: 0 22px; align-items: start;
}
#bar {
  position: sticky; top: 0; z-index: 3; background: var(--page); grid-column: 1 / -1;
  display: flex; flex-wrap: wrap; gap: 6px 8px; align-items: center; padding: 8px 0;
  border-bottom: 1px solid var(--line);
}
button, select {
  font: inherit; color: var(--text); background: var(--raised); border: 1px solid var(--line);
  border-radius: 5px; padding: 3px 10px; cursor: pointer;
}
button:hover { border-color: var(--quiet); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 1px; }
#bar fieldset { border: 0; margin: 0 0 0 8px; padding: 0; display: flex; gap: 10px; }
#bar legend { float: left; margin-right: 8px; color: var(--quiet); }
#bar label { display: inline-flex; gap: 4px; align-items: center; }
#window-text { margin-left: auto; color: var(--quiet); font-variant-numeric: tabular-nums; }
.swatch { width: 18px; height: 3px; display: inline-block; }
#charts { position: relative; min-width: 0; overflow-x: auto; cursor: crosshair; }
#charts svg { display: block; max-width: none; overflow: visible; }
#charts section { margin: 12px 0 20px; }
#overview { position: relative; cursor: grab; }
#overview-window {
  position: absolute; top: 0; height: 52px; pointer-events: none;
  border: 1.5px solid var(--moment); border-radius: 3px; background: rgb(127 127 127 / 12%);
}
#moment-line {
  position: absolute; top: 0; bottom: 0; width: 0; z-index: 2; pointer-events: none;
  border-left: 1.5px solid var(--moment);
}
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; color: var(--quiet); font-size: 12px; }
.legend span { display: inline-flex; gap: 5px; align-items: center; }
.box { width: 22px; height: 12px; display: inline-block; border: 1px solid; border-radius: 2px; }
aside {
  position: sticky; top: 48px; max-height: calc(100vh - 56px); overflow: auto; padding: 12px 0;
}
#moment { font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; margin-bottom: 10px; }
table { border-collapse: collapse; font-size: 12.5px; min-width: 100%; }
caption { text-align: left; font-weight: 600; padding: 2px 0; }
th, td { padding: 1px 7px 1px 0; text-align: left; white-space: nowrap; }
td.runs { white-space: normal; }
thead th { color: var(--quiet); font-weight: 400; border-bottom: 1px solid var(--line); }
tr.leader th, tr.leader td { font-weight: 700; }
tr.out td, tr.out th { color: var(--fault); }
tr.short td { color: var(--fault); }
.cut { color: var(--partition); font-weight: 600; }
ul.messages { list-style: none; margin: 0; padding: 0; font-size: 12px; }
ul.messages button { border: 0; background: none; padding: 1px 0; text-align: left; }
ul.messages .chosen button { color: var(--moment); font-weight: 700; }
ol.story {
  list-style: none; margin: 0; padding: 0; max-height: 40vh; overflow: auto;
  border: 1px solid var(--line); border-radius: 5px;
}
ol.story button {
  display: grid; grid-template-columns: 84px 84px 1fr; gap: 6px; width: 100%; border: 0;
  background: none; text-align: left; padding: 1px 8px; border-radius: 0;
}
ol.story time { text-align: right; padding-top: 1px; }
ol.story li[aria-current] { background: var(--raised); box-shadow: inset 3px 0 var(--moment); }
.kind.fault { color: var(--fault); } .kind.heal { color: var(--heal); }
.kind.election { color: var(--election); } .kind.violation { color: var(--violation); }
dialog {
  background: var(--page); color: var(--text); border: 1px solid var(--line); border-radius: 8px;
}
dialog dl { display: grid; grid-template-columns: auto 1fr; gap: 4px 14px; }
dialog dd { margin: 0; }
@media (max-width: 1100px) {
  main { grid-template-columns: minmax(0, 1fr); }
  aside { position: static; max-height: none; }
}
@media print {
  :root { color-scheme: light; }
  #bar button, #bar fieldset, #bar label, #help { display: none; }
  #bar, aside { position: static; max-height: none; overflow: visible; }
  main { display: block; }
  .evidence pre { white-space: pre-wrap; max-height: none; }
  #charts { overflow: visible; break-inside: auto; }
  #charts section { break-inside: avoid; }
  ol.story { max-height: none; border: 0; columns: 2; font-size: 11px; }
  ol.story button { grid-template-columns: 70px 74px 1fr; }
  .badge, .box, #charts svg, .swatch {
    print-color-adjust: exact; -webkit-print-color-adjust: exact;
  }
}
`;
