import { expect, test } from "vitest";
import { queryObject } from "../../../real/wire/control.ts";
import { remembered } from "../../../real/wire/remembered.ts";
import { WireWriter } from "../../../real/wire/wire-bytes.ts";
import { service, task } from "../../support/model.ts";

// Goal: bytes that are taken again are those that would be made anew.

const [web, db, first] = [service("web"), service("db"), task("t1")];

function bytesOf({ write }: typeof queryObject, object: typeof web | typeof first): Buffer {
  const out = new WireWriter();
  write(out, object);
  return out.take();
}

test("remembered() gives what the codec gives, the first time and later", () => {
  const codec = remembered(queryObject);
  for (const object of [web, db, first, web, db, first]) {
    expect(bytesOf(codec, object)).toEqual(bytesOf(queryObject, object));
  }
});

test("remembered() tells a new object from the one that it replaces", () => {
  const codec = remembered(queryObject);
  bytesOf(codec, web);
  const changed = { ...web, specVersion: 7 };
  expect(bytesOf(codec, changed)).toEqual(bytesOf(queryObject, changed));
});
