import { describe, expect, test } from "vitest";
import { checkLinearizable } from "../../../sim/checkers/linearizability.ts";
import { cas, type RegisterOperation, read, write } from "./histories.ts";
import { registerModel } from "./register-model.ts";

// Goal: histories that are known to be linearizable pass, and each classic anomaly is found.

function verdict(...history: RegisterOperation[]): string {
  return checkLinearizable(registerModel, history).kind;
}

describe("a history is linearizable", () => {
  test("when it is empty", () => {
    expect(verdict()).toBe("linearizable");
  });

  test("when one thing happens after another", () => {
    expect(verdict(read("x", null, [0, 1]), write("x", 1, [2, 3]), read("x", 1, [4, 5]))).toBe(
      "linearizable",
    );
  });

  test("when a read during a write sees the old or the new value", () => {
    const during = [read("x", null, [2, 3]), read("x", 1, [4, 5])];
    expect(verdict(write("x", 1, [0, 9]), ...during)).toBe("linearizable");
  });

  test("when an operation takes effect out of the order of the invocations", () => {
    const writes = [write("x", 1, [0, 9]), write("x", 2, [1, 8])];
    expect(verdict(...writes, read("x", 2, [10, 11]))).toBe("linearizable");
    expect(verdict(...writes, read("x", 1, [10, 11]))).toBe("linearizable");
  });

  test("when one of two compare-and-sets from the same value fails", () => {
    const both = [cas("x", [null, 1], "ok", [0, 9]), cas("x", [null, 2], "failed", [0, 9])];
    expect(verdict(...both, read("x", 1, [10, 11]))).toBe("linearizable");
  });

  test("when the keys do not know of each other", () => {
    const history = [write("x", 1, [0, 1]), read("y", null, [2, 3]), write("y", 1, [4, 5])];
    expect(verdict(...history, read("x", 1, [6, 7]))).toBe("linearizable");
  });

  test("when what returns at a moment and what is asked at it are in either order", () => {
    expect(verdict(write("x", 1, [0, 5]), read("x", null, [5, 6]))).toBe("linearizable");
    expect(verdict(write("x", 1, [0, 5]), read("x", 1, [5, 6]))).toBe("linearizable");
  });
});

describe("a history is not linearizable", () => {
  test("with a stale read", () => {
    const writes = [write("x", 1, [0, 1]), write("x", 2, [2, 3])];
    expect(verdict(...writes, read("x", 1, [4, 5]))).toBe("not-linearizable");
  });

  test("with reads that see a write and then do not", () => {
    const reads = [read("x", 1, [1, 2]), read("x", null, [3, 4])];
    expect(verdict(write("x", 1, [0, 9]), ...reads)).toBe("not-linearizable");
  });

  test("with a lost update", () => {
    const both = [cas("x", [null, 1], "ok", [0, 9]), cas("x", [null, 2], "ok", [0, 9])];
    expect(verdict(...both)).toBe("not-linearizable");
  });

  test("with a retried command that was applied twice", () => {
    // The second 2 can only come from the first writer's command, applied again after the 3.
    const history = [write("x", 2, [0, 4]), write("x", 3, [5, 6]), read("x", 3, [7, 8])];
    expect(verdict(...history)).toBe("linearizable");
    expect(verdict(...history, read("x", 2, [9, 10]))).toBe("not-linearizable");
  });

  test("with a read of what was never written", () => {
    expect(verdict(write("x", 1, [0, 1]), read("x", 7, [2, 3]))).toBe("not-linearizable");
  });

  test("with two writers seen in different orders", () => {
    const writes = [write("x", 1, [0, 9]), write("x", 2, [0, 9])];
    const reads = [read("x", 1, [10, 11]), read("x", 2, [12, 13])];
    expect(verdict(...writes, ...reads)).toBe("not-linearizable");
  });

  test("with a read from the future", () => {
    expect(verdict(read("x", 1, [0, 1]), write("x", 1, [2, 3]))).toBe("not-linearizable");
  });

  test("when one key of many is not", () => {
    const fine = Array.from({ length: 9 }, (_, at) => write(`k${at}`, at, [at, at + 20]));
    const bad = [write("z", 1, [30, 31]), read("z", null, [32, 33])];
    expect(checkLinearizable(registerModel, [...fine, ...bad])).toMatchObject({ key: "z" });
  });
});

describe("an unknown outcome", () => {
  test("may have taken effect at once, later, or never", () => {
    const unknown = write("x", 2, [2]);
    const first = write("x", 1, [0, 1]);
    expect(verdict(first, unknown, read("x", 2, [3, 4]))).toBe("linearizable");
    expect(verdict(first, unknown, read("x", 1, [3, 4]))).toBe("linearizable");
    const late = [read("x", 1, [3, 4]), read("x", 2, [500, 501])];
    expect(verdict(first, unknown, ...late)).toBe("linearizable");
  });

  test("must have happened when its effect was seen, and then stays", () => {
    const history = [write("x", 1, [0, 1]), write("x", 2, [2]), read("x", 2, [3, 4])];
    expect(verdict(...history, read("x", 1, [5, 6]))).toBe("not-linearizable");
    expect(verdict(...history, cas("x", [2, 3], "ok", [5, 6]))).toBe("linearizable");
    expect(verdict(...history, cas("x", [2, 3], "failed", [5, 6]))).toBe("not-linearizable");
  });

  test("must not have happened before it was asked", () => {
    expect(verdict(read("x", 2, [0, 1]), write("x", 2, [2]))).toBe("not-linearizable");
  });

  test("happens once at most", () => {
    const history = [write("x", 1, [0]), read("x", 1, [1, 2]), write("x", 2, [3, 4])];
    expect(verdict(...history, read("x", 1, [5, 6]))).toBe("not-linearizable");
  });

  test("of a compare-and-set changes nothing where it would have failed", () => {
    const history = [write("x", 1, [0, 1]), cas("x", [5, 6], "ok", [2])];
    expect(verdict(...history, read("x", 6, [3, 4]))).toBe("not-linearizable");
    expect(verdict(...history, write("x", 5, [3, 4]), read("x", 6, [5, 6]))).toBe("linearizable");
  });

  test("of a read says nothing", () => {
    expect(verdict(write("x", 1, [0, 1]), read("x", 9, [2]))).toBe("linearizable");
  });
});

describe("checkLinearizable()", () => {
  test("says which operation does not fit, and into what", () => {
    const history = [
      write("web", 1, [0, 1]),
      write("web", 2, [2, 3]),
      read("web", 1, [4, 6]),
      write("web", 3, [5]),
      write("api", 1, [0, 1]),
    ];
    const found = checkLinearizable(registerModel, history);
    expect(found).toEqual({
      kind: "not-linearizable",
      key: "web",
      why: [
        "no order explains read -> 1 (process 4, 4 to 6)",
        "2 of 4 operations can be put in order:",
        "  1. write 1 -> ok (process 0, 0 to 1): now 1",
        "  2. write 2 -> ok (process 2, 2 to 3): now 2",
        "it does not fit at the end, where the state is 2, nor anywhere since it was asked",
        "  nor after: write 3 -> unknown (process 5, from 5 on)",
      ].join("\n"),
    });
  });

  test("tells only the end of a long order", () => {
    const writes = Array.from({ length: 30 }, (_, at) => write("x", at, [2 * at, 2 * at + 1]));
    const found = checkLinearizable(registerModel, [...writes, read("x", 3, [100, 101])]);
    if (found.kind === "linearizable") throw new Error("a stale read passed");
    expect(found.why.split("\n")).toHaveLength(10);
    expect(found.why).toContain("30 of 31 operations");
    expect(found.why).toContain("  after 24 operations: 23");
    expect(found.why).toContain("  30. write 29 -> ok (process 58, 58 to 59): now 29");
  });

  test("is undecided, and does not pass, when the work is more than it was given", () => {
    const writes = Array.from({ length: 12 }, (_, at) => write("x", at, [0, 100]));
    const history = [...writes, read("x", 99, [101, 102])];
    expect(checkLinearizable(registerModel, history, 1_000)).toEqual({
      kind: "undecided",
      key: "x",
      why: "13 operations are not decided after 1000 steps",
    });
    expect(checkLinearizable(registerModel, history).kind).toBe("not-linearizable");
  });

  test("finds a fault in one key though another is undecided", () => {
    const writes = Array.from({ length: 12 }, (_, at) => write("a", at, [0, 100]));
    const history = [...writes, read("a", 99, [101, 102]), read("z", 1, [0, 1])];
    expect(checkLinearizable(registerModel, history, 1_000)).toMatchObject({
      kind: "not-linearizable",
      key: "z",
    });
  });
});
