import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";
import { expect, test } from "vitest";
import type { Shape } from "../../../real/wire/codec.ts";
import { wireTypes } from "../../support/wire-types.ts";

// Goal: the codecs and the .proto files speak of the same messages, field by field.
// Method: every shape of a codec is held against protobufjs' reflection, and each type of the files
// must have been met on the way.

const folder = fileURLToPath(new URL("../../../real/wire/proto", import.meta.url));
const protoRoot = new protobuf.Root();
protoRoot.loadSync(readdirSync(folder).map((file) => `${folder}/${file}`));

/** What the two disagree about. */
function differences(roots: readonly Shape[]): { found: string[]; met: Set<string> } {
  const found: string[] = [];
  const met = new Set<string>();
  const walk = (shape: Shape): void => {
    if (shape.kind === "scalar") return;
    if (shape.kind === "repeated" || shape.kind === "optional") return walk(shape.of);
    if (met.has(shape.name) || shape.name.startsWith("google.")) return;
    met.add(shape.name);
    found.push(...(shape.kind === "enum" ? enumDifferences(shape) : typeDifferences(shape)));
    const children = shape.kind === "enum" ? {} : fieldsOf(shape);
    for (const { shape: child } of Object.values(children)) walk(child);
  };
  for (const root of roots) walk(root);
  return { found, met };
}

function fieldsOf(shape: Shape & { kind: "message" | "union" }) {
  return shape.kind === "message" ? shape.fields : shape.variants;
}

function enumDifferences({ name, values }: Shape & { kind: "enum" }): string[] {
  const { values: known } = protoRoot.lookupEnum(`simswarm.v1.${name}`);
  const expected = [...values].map(([value, number]) => [constant(`${name}_${value}`), number]);
  const others = Object.entries(known).filter(([value]) => !value.endsWith("_UNSPECIFIED"));
  return others.sort().join() === expected.sort().join() ? [] : [`enum ${name}`];
}

function constant(name: string): string {
  return name
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .replaceAll("-", "_")
    .toUpperCase();
}

function typeDifferences(shape: Shape & { kind: "message" | "union" }): string[] {
  const type = protoRoot.lookupType(`simswarm.v1.${shape.name}`);
  const wanted = Object.entries(fieldsOf(shape));
  const names = Object.keys(type.fields).sort().join();
  const found =
    names ===
    wanted
      .map(([name]) => name)
      .sort()
      .join()
      ? []
      : [`${shape.name} fields`];
  for (const [name, codec] of wanted) {
    const field = type.fields[name];
    if (field !== undefined && !agrees(field.resolve(), codec.shape)) {
      found.push(`${shape.name}.${name}`);
    }
    const inKind = field?.partOf?.name === "kind";
    if (field !== undefined && inKind !== (shape.kind === "union")) {
      found.push(`${shape.name}.${name} in its oneof`);
    }
  }
  return found;
}

function agrees(field: protobuf.Field, shape: Shape): boolean {
  if (field.repeated !== (shape.kind === "repeated")) return false;
  if (shape.kind === "repeated") return namesType(field, shape.of);
  if (shape.kind !== "optional") return !isOptional(field) && namesType(field, shape);
  const isMessage = field.resolvedType instanceof protobuf.Type;
  return isOptional(field) !== isMessage && namesType(field, shape.of);
}

function isOptional(field: protobuf.Field): boolean {
  return field.options?.proto3_optional === true;
}

function namesType({ type, resolvedType }: protobuf.Field, shape: Shape): boolean {
  if (shape.kind === "scalar") return type === shape.type;
  if (shape.kind === "repeated" || shape.kind === "optional") return false;
  return resolvedType?.fullName.replace(/^\.(simswarm\.v1\.)?/, "") === shape.name;
}

function typesIn(namespace: protobuf.NamespaceBase, prefix = ""): string[] {
  return namespace.nestedArray.flatMap((child) => {
    const name = `${prefix}${child.name}`;
    if (child instanceof protobuf.Enum) return [name];
    if (child instanceof protobuf.Type) return [name, ...typesIn(child, `${name}.`)];
    return [];
  });
}

test("the codecs and the .proto files say the same", () => {
  const { found, met } = differences(Object.values(wireTypes).map(({ shape }) => shape));
  expect(found).toEqual([]);
  const inFiles = typesIn(protoRoot.lookup("simswarm.v1") as protobuf.NamespaceBase);
  expect(inFiles.filter((name) => !met.has(name))).toEqual([]);
  expect(met.size).toBeGreaterThan(90);
});

test("the comparison of codecs and .proto files sees what differs", () => {
  const { shape } = wireTypes.StoreEntry;
  if (shape.kind !== "message") throw new Error("a store entry is a message");
  const { term, time, transactions } = shape.fields as Record<string, { shape: Shape }>;
  const flag: Shape = { kind: "scalar", type: "bool" };
  const altered = (fields: object) => differences([{ ...shape, fields: { ...fields } }]).found;
  expect(altered({ term, time })).toEqual(["StoreEntry fields"]);
  expect(altered({ term: { shape: flag }, time, transactions })).toEqual(["StoreEntry.term"]);
  const optional = { shape: { kind: "optional", of: term?.shape } };
  expect(altered({ term: optional, time, transactions })).toEqual(["StoreEntry.term"]);
  const repeated = { shape: { kind: "repeated", of: term?.shape } };
  expect(altered({ term: repeated, time, transactions })).toEqual(["StoreEntry.term"]);
});
