import { describe, expect, test } from "vitest";
import { Expansion } from "../../../core/model/expansion.ts";
import { noMountOptions } from "../../../core/model/mount.ts";
import { serviceSpec } from "../../../core/model/service-defaults.ts";
import { expandedContainer, isNewTemplate, templateFields } from "../../../core/model/template.ts";
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
const functions = { env: (name: string) => (name === "HOME" ? "/root" : null) };

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
    ["{{.Service.Labels.tier}} {{.Service.Labels.none}}", "front <no value>"],
    ["{{.Service.Labels}}", "map[com.x:a b tier:front]"],
    ['{{"tier" | index .Service.Labels | eq "front"}}', "true"],
    ['{{if eq .Service.Labels.tier "front" "back"}}yes{{else}}no{{end}}', "yes"],
    ["{{if .Service.Labels.none}}a{{else if eq .Task.Slot `3`}}b{{else}}c{{end}}", "b"],
    ["{{if false}}a{{else if 0}}b{{else}}c{{end}}d", "cd"],
    ["{{if true}}a{{if not true}}b{{end}}c{{end}}", "ac"],
    ['{{with index .Service.Labels "tier"}}{{.}} of {{$.Service.Name}}{{end}}', "front of web"],
    ['{{with index .Service.Labels "x"}}{{.}}{{else}}{{.Service.Name}}{{end}}', "web"],
    ["{{with .Service.Labels}}{{.tier}}{{end}}", "front"],
    ['{{or .Service.Labels.none "usual"}} {{and 1 0}} {{and 1 `x`}} {{or 0 ""}}.', "usual 0 x ."],
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
    ["{{.Service.Colour}}", "can't fill in {{.Service.Colour}}: nobody knows it here"],
    ["{{if .Task.Slot}}", "can't fill in {{if .Task.Slot}}: it has no end"],
    ["{{.Task.Slot | printf}}", "can't fill in {{.Task.Slot | printf}}: nobody knows printf here"],
    ['{{constructor "x"}}', 'can\'t fill in {{constructor "x"}}: nobody knows constructor here'],
    [
      "{{range .Service.Labels}}{{.}}{{end}}",
      "can't fill in {{end}}: there is nothing that it ends",
    ],
    ["{{$x := 1}}", "can't fill in {{$x := 1}}: nobody knows it here"],
    ["{{else}}", "can't fill in {{else}}: there is nothing that it ends"],
    ["{{if 1}}{{else}}{{else}}{{end}}", "can't fill in {{else}}: it has no end"],
    ["{{if 1}}{{else 2}}{{end}}", "can't fill in {{else 2}}: '2' can't be there"],
    ["{{if}}{{end}}", "can't fill in {{if}}: a command is missing"],
    [
      "{{eq (len .Service.Labels 1}}",
      "can't fill in {{eq (len .Service.Labels 1}}: a bracket has no end",
    ],
    ["{{eq 1 2)}}", "can't fill in {{eq 1 2)}}: ')' can't be there"],
    ["{{.Task.ID 1}}", "can't fill in {{.Task.ID 1}}: only a function takes arguments"],
    ['{{eq 1 "1"}}', 'can\'t fill in {{eq 1 "1"}}: incompatible types for comparison'],
    [
      "{{lt .Service.Labels 1}}",
      "can't fill in {{lt .Service.Labels 1}}: incompatible types for comparison",
    ],
    ["{{len `a`}}", "can't fill in {{len `a`}}: only a map has a length here"],
    ["{{.Service}}", "can't fill in {{.Service}}: nobody knows it here"],
    ['{{"\\z"}}', 'can\'t fill in {{"\\z"}}: nobody knows \\z here'],
    ['{{env "NONE"}}', 'can\'t fill in {{env "NONE"}}: there is no env of that name'],
    ["x {{.Task.Slot", "can't fill in {{.Task.Slot: it has no end"],
  ])("says what is wrong with %j", (text, problem) => {
    expect(filled(text)).toBe(problem);
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

test("a global task's slot is its node", () => {
  const global = templateFields({ ...task("a", { node: "n1" }), slot: 0 }, place);
  expect(global.get(".Task.Slot")).toBe("n1");
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
