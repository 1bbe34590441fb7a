import { describe, expect, test } from "vitest";
import { formatOf, isTemplate } from "../../../../real/ctl/format.ts";
import { type TemplateFields, templated } from "../../../../real/ctl/output.ts";
import { GoTemplate } from "../../../../real/ctl/templates/go-template.ts";
import { templateValue } from "../../../../real/ctl/templates/template-object.ts";

// Goal: a template of swarmctl prints what the same template of Docker's command line prints.
// Method: what `docker context ls --format` (28.2) printed for the one context that it had.

const fields: TemplateFields<null> = [
  ["Name", () => "default"],
  ["Current", () => true],
  ["DockerEndpoint", () => "unix:///var/run/docker.sock"],
  ["Error", () => ""],
];

function printed(text: string): string {
  const format = formatOf(text);
  if (!isTemplate(format)) throw new Error(`${text} is no template`);
  return templated(format, fields, [null]).replace(/\n$/, "");
}

describe("prints what docker prints", () => {
  test.each([
    ["{{.Name | upper | printf `%s-%s` `x`}}", "x-DEFAULT"],
    ["{{println .Name 1 2}}", "default 1 2\n"],
    ["{{pad .Name 2 3}}|{{truncate .Name 3}}", "  default   |def"],
    ['{{title "hello-world foo"}} {{lower "ABC"}}', "Hello-World Foo abc"],
    ['{{join (split "a,b" ",") "-"}}', "a-b"],
    [
      "{{1.5}} {{0x10}} {{1e3}} {{'a'}} {{1_000}} {{-5}} {{+5}} {{.1}}",
      "1.5 16 1000 97 1000 -5 5 0.1",
    ],
    ['{{slice "abc" 1}} {{slice (split "a,b,c" ",") 1 2}}', "bc [b]"],
    ["{{not .Current}} {{and true 0}} {{and 1 0 2}} {{or 0 `` `x`}}", "false 0 0 x"],
    ['{{if .Error}}*{{else if eq .Name "default"}}d{{else}}n{{end}}', "d"],
    ["{{with $n := .Name}}{{$n}}{{end}}", "default"],
    ["{{with .Error}}e{{else with .Name}}{{.}}{{end}}", "default"],
    ["{{- /* c */ -}} x", "x"],
    ["{{ .Name -}}   y", "defaulty"],
    ['{{print .Name 1 2 "a"}} {{print 1.0 2}}', "default1 2a 1 2"],
    ["{{range 3}}{{.}}{{end}}", "012"],
    ['{{range $i,$e := split "a,b,c" ","}}{{if eq $i 1}}{{continue}}{{end}}{{$e}}{{end}}', "ac"],
    ['{{range split "a,b,c" ","}}{{if eq . "b"}}{{break}}{{end}}{{.}}{{end}}', "a"],
    ["{{$a := 1}}{{if true}}{{$a = 2}}{{end}}{{$a}}", "2"],
    ['{{(split "a,b" ",")}} {{len (split "a,b" ",")}} {{len "añ"}}', "[a b] 2 3"],
    ['{{(index (split "a,b" ",") 0) | upper}} {{index "abc" 1}}', "A 98"],
    ['{{eq .Name "x" "default"}} {{gt "b" "a"}} {{ne 1 2}} {{le "a" "b"}}', "true true true true"],
    [
      '{{printf "%q %5s|%-5s|%05d|%x|%v|%T|%d" .Name "a" "b" 42 255 .Current .Name "x"}}',
      '"default"     a|b    |00042|ff|true|string|%!d(string=x)',
    ],
    [
      '{{printf "%6.2f|%-6d|%+d|%v|%s" 3.14159 5 5 (split "a,b" ",") (split "a,b" ",")}}',
      "  3.14|5     |+5|[a b]|[a b]",
    ],
    [
      '{{printf "%*d" 5 3}} {{printf "%5t|%08.3f|%g|%o|%b" true 3.14159 0.5 8 5}}',
      "    3  true|0003.142|0.5|10|101",
    ],
    [
      '{{printf "%%"}} {{printf "%z" 1}} {{printf "%"}} {{printf "%s"}}',
      "% %!z(int=1) %!(NOVERB) %!s(MISSING)",
    ],
    [
      '{{printf "%d" 1.5}} {{printf "%s" 3}} {{printf "x" 1}}',
      "%!d(float64=1.5) %!s(int=3) x%!(EXTRA int=1)",
    ],
    ["{{.Name}}\\t{{.Current}}\\n", "default\ttrue\n"],
    ["{{.Name}}}", "default}"],
    [
      "{{json .}}",
      '{"Current":true,"DockerEndpoint":"unix:///var/run/docker.sock","Error":"","Name":"default"}',
    ],
    ["{{json .Name}} {{.Name | json}}", '"default" "default"'],
  ])("%s", (text, result) => {
    expect(printed(text)).toBe(result);
  });
});

describe("is refused as docker refuses it", () => {
  test.each([
    ["{{", "unclosed action"],
    ["{{.Name", "unclosed action"],
    ["{{foo}}", 'function "foo" not defined'],
    ["{{end}}", "unexpected {{end}}"],
    ["{{.Name}}{{else}}", "unexpected {{else}}"],
    ["{{if .Name}}", "unexpected EOF"],
    ["{{if}}x{{end}}", "missing value for if"],
    ["{{range}}x{{end}}", "missing value for range"],
    ['{{"abc}}', "unterminated quoted string"],
    ["{{$x}}", 'undefined variable "$x"'],
    ["{{with $x := 3}}{{$x}}{{end}}{{$x}}", 'undefined variable "$x"'],
    ["{{(.Name}}", "unclosed left paren"],
    ["{{.Name)}}", "unexpected right paren"],
    ["{{break}}", "{{break}} outside {{range}}"],
    ["{{if 1}}a{{else}}b{{else}}c{{end}}", "expected end; found {{else}}"],
    ["{{if 1}}a{{else x}}b{{end}}", 'unexpected "x" in else'],
    ["{{range 1,2}}{{end}}", 'unexpected "," in operand'],
    ["{{.Name}", "bad character U+007D '}'"],
    ["{{/* x }}", "unclosed comment"],
    ["{{#}}", 'unexpected "#" in command'],
    ["{{'ab'}}", "malformed character constant: 'ab'"],
  ])("%s can't be read", (text, why) => {
    expect(() => formatOf(text)).toThrow(`template parsing error: template: :1: ${why}`);
  });

  test.each([
    ["{{.Name.X}}", '2: executing "" at <.Name.X>: can\'t evaluate field X in type string'],
    ["{{len 3}}", '2: executing "" at <len 3>: error calling len: len of type int'],
    [
      '{{eq 1 "1"}}',
      '2: executing "" at <eq 1 "1">: error calling eq: incompatible types for comparison',
    ],
    ["{{lt 1 2.5}}", "error calling lt: incompatible types for comparison"],
    ["{{eq 1}}", "error calling eq: missing argument for comparison"],
    [
      "{{index .Name 9}}",
      '2: executing "" at <index .Name 9>: error calling index: index out of range: 9',
    ],
    ['{{index (split "a" ",") "x"}}', "cannot index slice/array with type string"],
    ["{{range .Name}}x{{end}}", '8: executing "" at <.Name>: range can\'t iterate over default'],
    ['{{"a" "b"}}', '2: executing "" at <"a">: can\'t give argument to non-function "a"'],
    ["{{if .Foo}}{{end}}", '5: executing "" at <.Foo>: can\'t evaluate field Foo'],
    ["ä{{upper .Foo | lower}}", '10: executing "" at <.Foo>: can\'t evaluate field Foo'],
  ])("%s can't be carried out", (text, why) => {
    expect(() => printed(text)).toThrow(why);
  });

  test("says in which line", () => {
    expect(() => printed("{{.Name}}\n{{.Foo}}")).toThrow(
      'template: :2:2: executing "" at <.Foo>: can\'t evaluate field Foo: there is Current',
    );
  });

  test("a word that is no format and no template", () => {
    expect(() => formatOf("jsn")).toThrow("There are: table, json, yaml, and Go templates");
  });
});

test("a table has the fields' names as headings, whatever is made of the fields", () => {
  expect(
    printed("table {{upper .Name}}\\t{{.DockerEndpoint | json}}\\t{{if .Current}}*{{end}}"),
  ).toBe('NAME     DOCKER ENDPOINT\nDEFAULT  "unix:///var/run/docker.sock"  *');
});

test("what others have written moves no cursor in a table", () => {
  const error = "\u001b[2Jgone\u0007";
  const format = formatOf("table {{.Error}}\\t{{.Name}}");
  if (!isTemplate(format)) throw new Error("it is a template");
  const shown = templated(
    format,
    [
      ["Error", () => error],
      ["Name", () => "a"],
    ],
    [null],
  );
  expect(shown).toBe("ERROR    NAME\n[2Jgone  a\n");
});

describe("of an object", () => {
  const root = templateValue({
    Spec: { Name: "web", Labels: { tier: "front" }, Mode: { Global: {} } },
    Endpoint: { Spec: {} },
  });

  test.each([
    [
      "{{.Spec.Labels.tier}} {{.Spec.Labels.none}} {{index .Spec.Labels `x`}}.",
      "front <no value> .",
    ],
    ["{{if .UpdateStatus}}{{.UpdateStatus.State}}{{else}}none{{end}}", "none"],
    ["{{if .Spec.Mode.Global}}g{{end}}{{if .Spec.Mode.Replicated}}r{{end}}", "g"],
    ["{{range .Endpoint.Ports}}x{{else}}no ports{{end}} {{.Endpoint.Ports}}", "no ports []"],
    ["{{if and .UpdateStatus (eq .UpdateStatus.State `paused`)}}p{{end}}.", "."],
    ["{{json .Spec}}", '{"Name":"web","Labels":{"tier":"front"},"Mode":{"Global":{}}}'],
  ])("%s is %s", (text, result) => {
    expect(new GoTemplate(text).of(root)).toBe(result);
  });

  test.each([
    ["{{.Spec.Nmae}}", "can't evaluate field Nmae: there is Name, Labels, Mode"],
    ["{{.UpdateStatus.State}}", "nil pointer evaluating .State"],
  ])("%s is a mistake", (text, why) => {
    expect(() => new GoTemplate(text).of(root)).toThrow(why);
  });
});
