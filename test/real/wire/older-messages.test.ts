import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Codec } from "../../../real/wire/codec.ts";
import { protoMessage } from "../../../real/wire/proto.ts";
import { wireTypes } from "../../support/wire-types.ts";

// Goal: what older versions have written to disks, and say in a cluster that is being upgraded, is
// still read.
// Method: `older-messages.txt` holds random messages of each type as an earlier version wrote them,
// by name and in base 64. Lines are added when a format has grown; none is ever changed.

const file = new URL("older-messages.txt", import.meta.url);
const lines = readFileSync(file, "utf8").trim().split("\n");
const written = lines.map((line) => line.split(" ") as [keyof typeof wireTypes, string]);
const names = [...new Set(written.map(([name]) => name))];

test.each(names)("%s of an older version is read", (name) => {
  const { decode } = protoMessage(wireTypes[name] as Codec<unknown>);
  for (const [, text] of written.filter(([of]) => of === name)) {
    const found = decode(Buffer.from(text, "base64"));
    expect(found.kind === "decoded" ? "" : found.reason).toBe("");
  }
});
