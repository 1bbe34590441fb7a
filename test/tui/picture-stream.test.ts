import xterm from "@xterm/headless";
import { expect, test } from "vitest";
import { PictureStream } from "../../tui/picture-stream.ts";

// Goal: the terminal shows the newest picture, and is told no more than what changed.
// Method: what would be written goes into a terminal without a screen (xterm.js).

const erase = "\u001b[K";

function shown(columns: number, rows: number) {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  const sent: string[] = [];
  const write = (text: string) => {
    sent.push(text);
    terminal.write(text);
    return true;
  };
  const pictures = new PictureStream({ columns, rows, write } as NodeJS.WriteStream);
  const screen = async () => {
    await new Promise<void>((done) => {
      terminal.write("", done);
    });
    const lineAt = (row: number) => terminal.buffer.active.getLine(row)?.translateToString(true);
    return Array.from({ length: rows }, (_, row) => lineAt(row));
  };
  return { pictures, sent, screen };
}

test("the last of many pictures is on the screen, whatever was there before", async () => {
  const { pictures, screen } = shown(10, 4);
  for (const lines of [
    ["one", "two", "three", "four"],
    ["uno", "two", "", "four"],
    ["a", "b"],
  ]) {
    pictures.write(lines.map((line) => line.padEnd(10)).join("\n"));
    expect(await screen()).toEqual([...lines, "", "", ""].slice(0, 4));
  }
});

test("a picture as wide and as high as the terminal does not scroll it", async () => {
  const { pictures, screen } = shown(4, 3);
  pictures.write("abcd\nefgh\nijkl");
  pictures.write("abcd\nefgh\nmnop");
  expect(await screen()).toEqual(["abcd", "efgh", "mnop"]);
});

test("spaces at the end of a line are erased, and after its last column nothing is", () => {
  const { pictures, sent } = shown(4, 2);
  pictures.write("abcd\nef  ");
  expect(sent[0]?.split(erase)).toHaveLength(2);
  expect(sent[0]).toContain(`ef${erase}`);
});

test("only lines that changed are sent, at once, and nothing where none has", () => {
  const { pictures, sent } = shown(10, 4);
  pictures.write("one\ntwo\nthree\nfour");
  pictures.write("one\ntwo\ntre\nfour");
  expect(sent).toHaveLength(2);
  expect(sent[1]).toContain("tre");
  expect(sent[1]).not.toContain("four");
  pictures.write("one\ntwo\ntre\nfour");
  expect(sent).toHaveLength(2);
});

test("after it has forgotten what is there, all of a picture is sent again", async () => {
  const { pictures, sent, screen } = shown(10, 4);
  pictures.write("one\ntwo");
  pictures.forget();
  pictures.write("one\ntwo");
  expect(sent).toHaveLength(2);
  expect(sent[1]).toContain("one");
  expect(await screen()).toEqual(["one", "two", "", ""]);
});
