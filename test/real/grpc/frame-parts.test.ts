import { expect, test } from "vitest";
import { FrameParts } from "../../../real/grpc/frame-parts.ts";

// Goal: a frame that came in parts is the one that was sent, or none at all.

const part = (offset: number, text: string, size = 6) => {
  return { size, offset, data: Buffer.from(text) };
};

test("a frame is whole with its last part, and another may follow", () => {
  const parts = new FrameParts();
  for (const word of ["abcdef", "ghijkl"]) {
    expect(parts.take(part(0, word.slice(0, 4)))).toBe(null);
    expect(parts.take(part(4, word.slice(4)))).toEqual(Buffer.from(word));
  }
});

test("a frame that has not come to its end is forgotten when another begins", () => {
  const parts = new FrameParts();
  parts.take(part(0, "abcd"));
  expect(parts.take(part(0, "gh", 4))).toBe(null);
  expect(parts.take(part(2, "ij", 4))).toEqual(Buffer.from("ghij"));
});

test("a part is refused that is of another frame, leaves a gap, is empty, or too long", () => {
  const wrong = [part(4, "ef", 7), part(5, "f"), part(4, ""), part(4, "efg"), part(2, "cdef")];
  for (const each of wrong) {
    const parts = new FrameParts();
    parts.take(part(0, "abcd"));
    expect(parts.take(each)).toBe("misplaced");
  }
  expect(new FrameParts().take(part(4, "ef"))).toBe("misplaced");
});
