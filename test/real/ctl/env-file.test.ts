import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { ran } from "../../support/programs.ts";

const folder = mkdtempSync(join(tmpdir(), "env-file-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("what a service's env file holds is for its tasks, and not for swarmctl", async () => {
  const file = join(folder, "env");
  const nobody = ["-s", "/nowhere.sock", "--timeout", "100ms"];
  const create = ["service", "create", "--name", "web", "--image", "any", "--env-file", file];
  const missing = await ran("swarmctl", [...nobody, ...create]);
  expect(missing).toMatchObject({ code: 1, err: expect.stringContaining("swarmctl: can't read") });
  writeFileSync(file, "NODE_OPTIONS=--require /app/tracing.js\n");
  const { code, err } = await ran("swarmctl", [...nobody, ...create]);
  const unread = /Is swarmd running|the manager does not answer/;
  expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(unread) });
  for (const [content, reason] of [
    [Buffer.from("A=\xff", "latin1"), `${file} is no text: write a line NAME=value for each`],
    ["# so\nA=1 2\nB C=3\n", `${file}: 'B C' is no name of a variable: write NAME=value`],
  ] as const) {
    writeFileSync(file, content);
    const refused = await ran("swarmctl", [...nobody, ...create]);
    expect(refused).toMatchObject({ code: 1, err: `swarmctl: ${reason}\n` });
  }
});
