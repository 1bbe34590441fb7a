import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { runStory } from "../../transcripts/run-story.ts";
import { parseStory, printStory, titleOf } from "../../transcripts/story.ts";

// Goal: what a reader is told of the protocol is what it does. Method: every story is played from
// its commands, and must show what its file shows; `UPDATE=1` rewrites the file instead.

const folder = new URL("../../transcripts/raft/", import.meta.url);
const update = process.env.UPDATE === "1";

const stories = readdirSync(folder)
  .filter((name) => name.endsWith(".txt"))
  .sort()
  .map((name) => {
    const text = readFileSync(new URL(name, folder), "utf8");
    const path = `test/transcripts/raft/${name}`;
    const blocks = parseStory(path, text);
    return { path, url: new URL(name, folder), text, blocks, title: titleOf(blocks) };
  });

describe("transcripts", () => {
  for (const { path, url, text, blocks, title } of stories) {
    test(`${title} (${path.split("/").at(-1)})`, () => {
      const played = printStory(runStory(path, blocks));
      if (update && played !== text) writeFileSync(url, played);
      else expect(played, `${path} shows something else; UPDATE=1 rewrites it`).toBe(text);
    });
  }
});

test("every story has a title of its own", () => {
  const titles = stories.map(({ title }) => title);
  expect(titles.filter((title) => !title.endsWith("."))).toEqual([]);
  expect(new Set(titles).size).toBe(titles.length);
});

const header = "# A story.\n\n";

test.each([
  ["has no header", "campaign a\n----\n", "a.txt:1: a story begins with a comment"],
  ["lacks a divider", `${header}campaign a\nok\n`, "a.txt:4: expected ----"],
  ["lacks a command", `${header}----\nok\n`, "a.txt:3: there is no command"],
  ["lacks a blank line", `${header}messages\n----\nok\nmessages\n----\n`, "a.txt:7: a second"],
  ["names an unknown command", `${header}conquer a\n----\n`, "a.txt:3: there is no command con"],
  ["names an unknown member", `${header}campaign z\n----\n`, "a.txt:3: there is no member z"],
  ["says more than is known", `${header}add-nodes a loud=1\n----\n`, "a.txt:3: add-nodes does"],
  ["says too little", `${header}add-nodes a\n----\n\ntick a\n----\n`, "a.txt:6: tick: ticks is"],
])("a story that %s is refused with its place", (_what, text, complaint) => {
  expect(() => runStory("a.txt", parseStory("a.txt", text))).toThrow(complaint);
});
