import { describe, expect, test } from "vitest";
import { noMountOptions } from "../../../core/model/mount.ts";
import { serviceSpec } from "../../../core/model/service-defaults.ts";
import { Expansion, expandedContainer, templateFields } from "../../../core/model/template.ts";
import { task } from "../../support/model.ts";

// Goal: a task's placeholders say where and what it is; what can't be filled in is a problem.

const place = { hostname: "box", platform: { os: "linux", architecture: "x86_64" } };
const fields = templateFields(
  { ...task("a", { node: "n1", service: "s1" }), name: "web.3", slot: 3 },
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
  ])("makes %j %j", (text, result) => {
    expect(filled(text)).toBe(result);
  });

  test.each([
    ["{{.Service.Colour}}", "can't fill in {{.Service.Colour}}: nobody knows it here"],
    ["{{if .Task.Slot}}", "can't fill in {{if .Task.Slot}}: nobody knows it here"],
    ["{{.Task.Slot | printf}}", "can't fill in {{.Task.Slot | printf}}: nobody knows it here"],
    ['{{constructor "x"}}', 'can\'t fill in {{constructor "x"}}: nobody knows it here'],
    ['{{env "NONE"}}', 'can\'t fill in {{env "NONE"}}: there is no env of that name'],
    ["x {{.Task.Slot", "can't fill in {{.Task.Slot: it has no end"],
  ])("says what is wrong with %j", (text, problem) => {
    expect(filled(text)).toBe(problem);
  });
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
