import { expect, test } from "vitest";
import { AddressBook } from "../../../real/grpc/address-book.ts";
import { AddressExchange } from "../../../real/grpc/address-exchange.ts";
import type { Line } from "../../../real/grpc/line.ts";

/** Where a peer is reached that says that it listens at `address` and calls from `host`. */
function learned(address: string, host: string): string | undefined {
  const book = new AddressBook(null);
  const line = { host } as Line;
  new AddressExchange("m1", book, () => undefined).met(
    { id: "m2", address, certificate: null },
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
