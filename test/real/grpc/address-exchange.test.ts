import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { AddressBook } from "../../../real/grpc/address-book.ts";
import { AddressExchange } from "../../../real/grpc/address-exchange.ts";
import type { Line } from "../../../real/grpc/line.ts";
import { runFolder } from "../../support/run-folder.ts";

const none = () => undefined;

/** Where a peer is reached that says that it listens at `address` and calls from `host`. */
function learned(address: string, host: string): string | undefined {
  const book = new AddressBook(null);
  const line = { host } as Line;
  new AddressExchange("m1", book, none, none).met(
    { id: "m2", address, instance: "", takesParts: false, certificate: null },
    line,
    true,
  );
  return book.addressOf("m2");
}

test("who listens everywhere is reached where it calls from", () => {
  expect(learned("10.0.0.2:4242", "10.0.0.9")).toBe("10.0.0.2:4242");
  expect(learned("0.0.0.0:4242", "10.0.0.9")).toBe("10.0.0.9:4242");
  expect(learned("[::]:4242", "fd00::9")).toBe("[fd00::9]:4242");
  expect(learned("[::]:4242", "[fd00::9]")).toBe("[fd00::9]:4242");
  expect(learned("[::]:4242", "::ffff:10.0.0.9")).toBe("10.0.0.9:4242");
});

test("a manager is met however many nodes have come and gone", () => {
  const book = new AddressBook(null);
  for (let node = 0; node < 20_000; node += 1) book.learn(`w${node}`, "10.0.0.1:4242", false);
  expect(book.learn("m1", "10.0.0.2:4242", true)).toBe(true);
  expect(book.addressOf("m1")).toBe("10.0.0.2:4242");
  expect(book.addressOf("w0")).toBeUndefined();
});

test("of a file of addresses that says something else what can be read is taken", () => {
  const file = join(mkdtempSync(join(runFolder(), "book-")), "managers.json");
  const read = (text: string) => {
    writeFileSync(file, text);
    return [...new AddressBook(file).managers];
  };
  expect(read('{"m1": 5, "m2": "10.0.0.2:4242"}')).toEqual([["m2", "10.0.0.2:4242"]]);
  for (const text of ["", "{", "null", "5"]) expect(read(text)).toEqual([]);
});

test("a disk that does not take the addresses ends nothing, and is asked again", () => {
  const folder = join(mkdtempSync(join(runFolder(), "book-")), "state");
  const file = join(folder, "managers.json");
  const reasons: string[] = [];
  const exchange = new AddressExchange("m1", new AddressBook(file), none, (reason) =>
    reasons.push(reason),
  );
  exchange.heard(new Map([["m2", "10.0.0.2:4242"]]));
  expect(reasons).toEqual([`can't write ${file}: there is no such file or folder`]);
  mkdirSync(folder);
  const worker = { id: "w1", address: "10.0.0.9:4242", instance: "", takesParts: false };
  exchange.met({ ...worker, certificate: null }, { host: "10.0.0.9" } as Line, false);
  expect([...new AddressBook(file).managers]).toEqual([["m2", "10.0.0.2:4242"]]);
});

/** Two managers that have heard different things of a third, and have just met. */
function twoOpinions() {
  const said: (() => void)[] = [];
  const [book1, book2] = [new AddressBook(null), new AddressBook(null)];
  book1.learn("m3", "10.0.0.3:4242", true);
  book2.learn("m3", "10.0.0.33:4242", true);
  const tell = (book: AddressBook, other: () => AddressExchange) => () => {
    const managers = new Map(book.managers);
    said.push(() => other().heard(managers));
  };
  const [tell1, tell2] = [tell(book1, () => m2), tell(book2, () => m1)];
  const m1: AddressExchange = new AddressExchange("m1", book1, tell1, none);
  const m2: AddressExchange = new AddressExchange("m2", book2, tell2, none);
  tell1();
  tell2();
  /** Until there is nothing more to say. */
  const talk = () => {
    for (let count = 0; said.length > 0; count += 1) {
      if (count > 20) throw new Error("they talk for ever");
      said.shift()?.();
    }
  };
  return { m1, m2, book1, book2, talk };
}

test("managers that disagree about where a third is do not tell each other for ever", () => {
  twoOpinions().talk();
});

test("what a node says of itself counts more than what others say of it while it is there", () => {
  const { m2, book1, book2, talk } = twoOpinions();
  const m3 = {
    id: "m3",
    address: "10.0.0.33:4242",
    instance: "",
    takesParts: false,
    certificate: null,
  };
  m2.met(m3, { host: "10.0.0.33" } as Line, true);
  talk();
  expect(book2.addressOf("m3")).toBe("10.0.0.33:4242");
  expect(book1.addressOf("m3")).toBe("10.0.0.33:4242");
  m2.heard(new Map([["m3", "10.0.0.34:4242"]]));
  expect(book2.addressOf("m3")).toBe("10.0.0.33:4242");
  m2.left("m3");
  expect(book2.addressOf("m3")).toBe("10.0.0.34:4242");
});
