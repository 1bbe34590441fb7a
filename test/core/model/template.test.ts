import { describe, expect, test } from "vitest";
import { Expansion } from "../../../core/model/expansion.ts";
import { noMountOptions } from "../../../core/model/mount.ts";
import { serviceSpec } from "../../../core/model/service-defaults.ts";
import {
  expandedContainer,
  hasRepetition,
  isNewTemplate,
  templateFields,
} from "../../../core/model/template.ts";
import { ofTexts } from "../../../core/model/template-functions.ts";
import { task } from "../../support/model.ts";

// Goal: a task's placeholders say where and what it is; what can't be filled in is a problem.

const place = { hostname: "box", platform: { os: "linux", architecture: "x86_64" } };
const serviceLabels = new Map([
  ["tier", "front"],
  ["com.x", "a b"],
]);
const fields = templateFields(
  { ...task("a", { node: "n1", service: "s1" }), name: "web.3", slot: 3, serviceLabels },
  place,
);
const functions = new Map([
  ["env", ofTexts(1, (name) => (name === "HOME" ? { value: "/root" } : { why: "none" }))],
]);

function filled(text: string): string {
  const expansion = new Expansion(fields, functions);
  const result = expansion.of(text);
  return expansion.problem ?? result;
}

describe("of()", () => {
  test.each([
    ["{{.Service.Name}}.{{ .Task.Slot }}", "web.3"],
    ["{{.Service.ID}} {{.Node.ID}} {{.Task.ID}} {{.Task.Name}}", "s1 n1 a web.3.a"],
    [
      "{{.Node.Hostname}}/{{.Node.Platform.OS}}-{{.Node.Platform.Architecture}}",
      "box/linux-x86_64",
    ],
    ['{{env "HOME"}} {{env `HOME`}} {{"{{"}} {{/* {{nothing */}}.', "/root /root {{ ."],
    ["a  {{- .Task.Slot -}}  b", "a3b"],
    ["no placeholder } }} {", "no placeholder } }} {"],
    ['{{index .Service.Labels "tier"}}|{{index .Service.Labels "none"}}|', "front||"],
    ["{{.Service.Labels.tier}}", "front"],
    ["{{.Service.Labels}}", "map[com.x:a b tier:front]"],
    ["{{.Service}} {{.Node}}", "{s1 web map[com.x:a b tier:front]} {n1 box {x86_64 linux}}"],
    ['{{printf "%x %X %.1x" "é" .Service.Name "ab"}}', "c3a9 776562 61"],
    ['{{printf "%.2x %.1s %4s|%-3s|" "éü" "éü" "éü" "é"}}', "c3a9 é   éü|é  |"],
    ['{{len "éa"}} {{index "éa" 2}} {{slice "éaü" 2}} {{slice "éaü" 0 3}}', "3 97 aü éa"],
    ['{{$s := slice "éa" 1}}{{len $s}} {{printf "%x %2s" $s "é"}}', "2 a961  é"],
    ['{{"tier" | index .Service.Labels | eq "front"}}', "true"],
    ['{{if eq .Service.Labels.tier "front" "back"}}yes{{else}}no{{end}}', "yes"],
    ["{{if index .Service.Labels `none`}}a{{else if eq .Task.Slot `3`}}b{{else}}c{{end}}", "b"],
    ["{{if false}}a{{else if 0}}b{{else}}c{{end}}d", "cd"],
    ["{{if true}}a{{if not true}}b{{end}}c{{end}}", "ac"],
    ['{{with index .Service.Labels "tier"}}{{.}} of {{$.Service.Name}}{{end}}', "front of web"],
    ['{{with index .Service.Labels "x"}}{{.}}{{else}}{{.Service.Name}}{{end}}', "web"],
    ["{{with .Service.Labels}}{{.tier}}{{end}}", "front"],
    [
      '{{or (index .Service.Labels "none") "usual"}} {{and 1 0}} {{and 1 `x`}} {{or 0 ""}}.',
      "usual 0 x .",
    ],
    [
      '{{ne .Task.Slot "3"}} {{lt 1 2}} {{le 2 2}} {{gt "a" "b"}} {{ge 1 2}}',
      "false true true false false",
    ],
    ["{{len .Service.Labels}} {{print 1 `a` -2 3}}", "2 1a-2 3"],
    ['{{"a\\n\\"b\\\\"}}', 'a\n"b\\'],
    ["{{if and (eq .Task.Slot `3`) (not (eq 1 2))}}a{{end}}", "a"],
    ["a {{- /* b */ -}} c {{- if true }} d {{ end -}} e", "ac d e"],
  ])("makes %j %j", (text, result) => {
    expect(filled(text)).toBe(result);
  });

  test.each([
    ["{{.Service.Labels.none}}", 'map has no entry for key "none"'],
    ["{{ne 1 2 3}}", "error calling ne: wrong number of args: want 2 got 3"],
    ["{{.Service.Colour}}", "can't evaluate field Colour: there is ID, Name, Labels"],
    ["{{if .Task.Slot}}", "unexpected EOF"],
    ["{{.Task.Slot | sprintf}}", 'function "sprintf" not defined'],
    ['{{constructor "x"}}', 'function "constructor" not defined'],
    ["{{$x}}", 'undefined variable "$x"'],
    ["{{define `T`}}", "{{define}} is not supported here"],
    ["{{len 3}}", "error calling len: len of type int"],
    ["{{break}}", "{{break}} outside {{range}}"],
    ["{{else}}", "unexpected {{else}}"],
    ["{{eq 1 2)}}", "unexpected right paren"],
    ["{{.Task.ID 1}}", "can't give argument to non-function .Task.ID"],
    ['{{eq 1 "1"}}', "error calling eq: incompatible types for comparison"],
    ["{{lt .Service.Labels 1}}", "error calling lt: incompatible types for comparison"],
    ['{{"\\z"}}', "invalid syntax: \\z"],
    ['{{env "NONE"}}', "error calling env: none"],
    ["{{env 1}}", "error calling env: expected string; found 1"],
    ["{{.Task.Slot", "unclosed action"],
    ["{{.Task.ID.Name}}", "can't evaluate field Name in type string"],
  ])("says what is wrong with %j", (text, why) => {
    expect(filled(text)).toBe(`can't fill in ${text}: ${why}`);
  });

  test("says in which action it is", () => {
    expect(filled("a {{/* b */}}\n{{if 1}}{{else 2}}{{end}}")).toBe(
      'can\'t fill in {{else 2}}: unexpected "2" in else',
    );
  });

  test.each([
    ["{{range $k, $v := .Service.Labels}}{{$k}}={{$v}};{{end}}", "com.x=a b;tier=front;"],
    ["{{range .Service.Labels}}{{.}}{{break}}{{else}}none{{end}}", "a b"],
    ['{{$x := 1}}{{range .Service.Labels}}{{$x = .}}{{end}}{{printf "%s!" $x}}', "front!"],
  ])("repeats: %j is %j", (text, result) => {
    expect(filled(text)).toBe(result);
  });

  test("ends what would never end, however it is made", () => {
    const nines = "{{range 9999}}{{range 9999}}{{range 9999}}{{end}}{{end}}{{end}}";
    expect(filled(nines)).toContain("it makes too much of it");
    expect(filled("{{range 99999999}}{{printf `%1000s` .}}{{end}}")).toContain("too much");
    expect(filled(`{{${"(".repeat(100_000)}}}`)).toContain("it is too deep");
    expect(filled(`{{${"1".repeat(500_000)}x}}`)).toContain("bad number syntax");
    expect(filled(`${" ".repeat(500_000)}a{{- 1}}`)).toHaveLength(500_002);
    expect(filled("{{$a:=1}}".repeat(50_000))).toContain("there are too many variables");
    expect(filled("{{if 1}}".repeat(100_000))).toContain("it is too deep");
  });

  test("leaves the bytes of letters beside a trim mark alone", () => {
    expect(filled("\u00c3\u00a0 {{- 1 -}} \u00a0")).toBe("\u00c3\u00a01\u00a0");
  });
});

test.each([...['{{env "A"}} {{.Task.ID}} {{"x"}} {{/* c */}} {{`}}`}}', "none", "{{if"]])(
  "%s is what earlier versions fill in, or refuse as well",
  (text) => {
    expect(isNewTemplate(text)).toBe(false);
  },
);

test.each([
  ...[
    "{{if 1}}{{end}}",
    "{{.Task.ID | print}}",
    "{{len `a`}}",
    "{{.Service.Labels.a}}",
    "{{$.Task.ID}}",
  ],
])("%s is what earlier versions can't fill in", (text) => {
  expect(isNewTemplate(text)).toBe(true);
});

test.each([
  ...["{{range 1}}{{end}}", "{{if $x := 1}}{{end}}", "{{printf `a`}}", "{{(index 1).A}}"],
  ...["{{len `a`}}", "{{1.5}}", "{{with 1}}{{else}}{{$x := 1}}{{end}}", "{{eq (slice `a` 1) nil}}"],
])("%s is what version 7 can't fill in", (text) => {
  expect(hasRepetition(text)).toBe(true);
});

test.each([
  ...[
    "{{if eq .Task.Slot `1`}}{{end}}",
    '{{index .Service.Labels "a"}}',
    "{{$.Task.ID | print 1}}",
  ],
  ...["{{len .Service.Labels}}", '{{with env "A"}}{{.}}{{else}}{{not true}}{{end}}', "none"],
])("%s is what version 7 fills in", (text) => {
  expect(hasRepetition(text)).toBe(false);
});

test("a global task's slot is its node", () => {
  const global = templateFields({ ...task("a", { node: "n1" }), slot: 0 }, place);
  expect(global).toMatchObject({ Task: { Slot: "n1" } });
});

test("host name, environment and mounts are filled in, and nothing else is", () => {
  const slot = "{{.Task.Slot}}";
  const options = {
    ...noMountOptions,
    labels: new Map([["slot", slot]]),
    driverOptions: new Map([["device", slot]]),
  };
  const mount = { kind: "volume", source: slot, target: `/${slot}`, readOnly: false } as const;
  const spec = {
    ...serviceSpec("web", "web:1", 1).task.container,
    hostname: `web-${slot}`,
    env: [`SLOT=${slot}`, "A=1"],
    args: [slot],
    mounts: [{ ...mount, driver: slot, options }],
  };
  const expanded = expandedContainer(spec, new Expansion(fields));
  expect(expanded).toEqual({
    ...spec,
    hostname: "web-3",
    env: ["SLOT=3", "A=1"],
    mounts: [
      {
        ...mount,
        source: "3",
        target: "/3",
        driver: "3",
        options: {
          ...options,
          labels: new Map([["slot", "3"]]),
          driverOptions: new Map([["device", "3"]]),
        },
      },
    ],
  });
});
