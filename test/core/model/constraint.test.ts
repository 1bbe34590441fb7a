import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { meetsConstraints, parseConstraint } from "../../../core/model/constraint.ts";
import { node } from "../../support/model.ts";

// Goal: constraints read and match as SwarmKit's do (manager/constraint/constraint.go).

function refusal(text: string): string {
  const parsed = parseConstraint(text);
  return "code" in parsed
    ? `${parsed.code}: ${parsed.message}`
    : `parsed ${JSON.stringify(parsed)}`;
}

describe("parseConstraint()", () => {
  test("splits at the operator and trims both sides", () => {
    expect(parseConstraint("node.role==manager")).toEqual({
      key: "node.role",
      operator: "==",
      value: "manager",
    });
    expect(parseConstraint("  node.labels.zone !=  eu west ")).toEqual({
      key: "node.labels.zone",
      operator: "!=",
      value: "eu west",
    });
  });

  test("keeps the case of key and value", () => {
    expect(parseConstraint("Node.Labels.Zone==EU")).toMatchObject({
      key: "Node.Labels.Zone",
      value: "EU",
    });
  });

  test.each([
    ["node.role", "constraint expected one operator from ==, !="],
    ["", "constraint expected one operator from ==, !="],
    ["node.role=manager", "constraint expected one operator from ==, !="],
    ["==manager", "key '' is invalid"],
    ["1node==a", "key '1node' is invalid"],
    ["n==a", "key 'n' is invalid"],
    ["node.röle==a", "key 'node.röle' is invalid"],
    ["node role==a", "key 'node role' is invalid"],
    ["node.role==", "value '' is invalid"],
    ["node.role==  ", "value '' is invalid"],
    ["node.role==ma,nager", "value 'ma,nager' is invalid"],
    ["node.role==m#", "value 'm#' is invalid"],
    ["node.role===manager", "value '=manager' is invalid"],
    ["node.role!==manager", "key 'node.role!' is invalid"],
    ["a!b==c", "key 'a!b' is invalid"],
    ["aa!=b==c", "key 'aa!=b' is invalid"],
  ])("refuses %j in SwarmKit's words", (text, message) => {
    expect(refusal(text)).toBe(`InvalidArgument: ${message}`);
  });

  test("takes the special characters that SwarmKit takes in a value", () => {
    for (const value of ["10.0.0.0/8", "a:b", "a-b_c", "x.*(y)?+[z]\\^$|/", "two words"]) {
      expect(parseConstraint(`node.ip==${value}`)).toMatchObject({ value });
    }
  });

  test("never throws, and what it parses it can be given again", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parsed = parseConstraint(text);
        if ("code" in parsed) return;
        const { key, operator, value } = parsed;
        expect(parseConstraint(`${key}${operator}${value}`)).toEqual(parsed);
      }),
    );
  });
});

describe("meetsConstraints()", () => {
  const one = node("n1", {
    role: "manager",
    hostname: "Host-1",
    labels: { zone: "East", Zone: "other", empty: "" },
    engineLabels: { disk: "ssd" },
    os: "linux",
    architecture: "x86_64",
  });

  test.each([
    "node.id==n1",
    "node.id!=n2",
    "node.hostname==host-1",
    "node.role==manager",
    "node.role!=worker",
    "NODE.ROLE==MANAGER",
    "node.platform.os==Linux",
    "node.platform.arch==x86_64",
    "node.labels.zone==east",
    "node.labels.Zone==OTHER",
    "Node.Labels.zone==east",
    "engine.labels.disk==SSD",
  ])("holds for %s", (text) => {
    expect(meetsConstraints(one, [text])).toBe(true);
  });

  test.each([
    "node.id==n",
    "node.id==n1x",
    "node.id!=N1",
    "node.hostname==host",
    "node.role==worker",
    "node.labels.zone==west",
    "node.labels.ZONE==east",
    "engine.labels.disk!=ssd",
    "node.platform.arch==amd64",
  ])("does not hold for %s", (text) => {
    expect(meetsConstraints(one, [text])).toBe(false);
  });

  test("takes a missing label for empty, so that != holds for it and == never does", () => {
    expect(meetsConstraints(one, ["node.labels.missing!=x"])).toBe(true);
    expect(meetsConstraints(one, ["node.labels.missing==x"])).toBe(false);
    expect(meetsConstraints(one, ["engine.labels.missing!=x"])).toBe(true);
  });

  test("matches no node by a key that names nothing, with either operator", () => {
    for (const key of ["node.unknown", "engine.disk", "nodelabels", "node.labels"]) {
      expect(meetsConstraints(one, [`${key}==x`]), key).toBe(false);
      expect(meetsConstraints(one, [`${key}!=x`]), key).toBe(false);
    }
  });

  test("needs every constraint, and none at all is met by every node", () => {
    expect(meetsConstraints(one, [])).toBe(true);
    expect(meetsConstraints(one, ["node.role==manager", "node.id==n1"])).toBe(true);
    expect(meetsConstraints(one, ["node.role==manager", "node.id==n2"])).toBe(false);
    expect(meetsConstraints(one, ["node.role==manager", "nonsense"])).toBe(false);
  });

  test("compares the whole value, as text and not as a pattern", () => {
    expect(meetsConstraints(one, ["node.id==n.*"])).toBe(false);
    expect(meetsConstraints(one, ["node.hostname==*"])).toBe(false);
  });
});

describe("node.ip", () => {
  const at = (address: string, ...constraints: string[]) =>
    meetsConstraints(node("n1", { address }), constraints);

  test("is one address, of either version", () => {
    expect(at("10.0.0.5", "node.ip==10.0.0.5")).toBe(true);
    expect(at("10.0.0.5", "node.ip==10.0.0.6")).toBe(false);
    expect(at("10.0.0.5", "node.ip!=10.0.0.6", "NODE.IP==::ffff:10.0.0.5")).toBe(true);
    expect(at("2001:db8::2", "node.ip==2001:0db8:0:0:0:0:0:2")).toBe(true);
    expect(at("2001:db8::2", "node.ip!=2001:db8::2")).toBe(false);
  });

  test("is in a subnet of its own version", () => {
    expect(at("10.0.3.5", "node.ip==10.0.0.0/22", "node.ip!=10.0.0.0/23")).toBe(true);
    expect(at("10.0.3.5", "node.ip==0.0.0.0/0")).toBe(true);
    expect(at("10.0.3.5", "node.ip==::/0")).toBe(false);
    expect(at("2001:db8:1::2", "node.ip==2001:db8::/32", "node.ip!=2001:db8::/48")).toBe(true);
  });

  test("that is not known is in no subnet", () => {
    expect(at("", "node.ip==10.0.0.0/8")).toBe(false);
    expect(at("", "node.ip!=10.0.0.0/8")).toBe(true);
  });

  test.each(["10.0.0", "10.0.0.256", "10.0.0.01", "10.0.0.0/33", "1::2::3", ":1", "::1/129", "x"])(
    "is never met when written %s",
    (written) => {
      expect(at("10.0.0.5", `node.ip==${written}`)).toBe(false);
      expect(at("10.0.0.5", `node.ip!=${written}`)).toBe(false);
    },
  );
});

test("a label without a name names nothing", () => {
  expect(meetsConstraints(node("n1"), ["node.labels.!=x"])).toBe(false);
});
