import { expect, test } from "vitest";
import { ipAddressOf, isHere, reachable } from "../../../real/daemon/reachable.ts";

test("reachable() leaves an address as it is, but for one that is everywhere", () => {
  expect(reachable("10.0.0.1:4242")).toBe("10.0.0.1:4242");
  expect(reachable("[fd00::1]:4242")).toBe("[fd00::1]:4242");
  expect(reachable("0.0.0.0:4242")).toMatch(/^(?!0\.0\.0\.0).+:4242$/);
  expect(reachable("[::]:4242")).toMatch(/^(?!\[::\]).+:4242$/);
});

test("the IP address is that of the name, or empty where nobody knows it", async () => {
  expect(await ipAddressOf("10.0.0.1:4242")).toBe("10.0.0.1");
  expect(await ipAddressOf("[fd00::1]:4242")).toBe("fd00::1");
  expect(await ipAddressOf("localhost:4242")).toMatch(/^(127\.0\.0\.1|::1)$/);
  expect(await ipAddressOf("no-such-host.invalid:4242")).toBe("");
});

test("an address is here unless it is an IP address of another machine", () => {
  for (const address of ["0.0.0.0:1", "[::]:1", "127.0.0.2:1", "[::1]:1", "a-name:1"]) {
    expect([address, isHere(address)]).toEqual([address, true]);
  }
  for (const address of ["192.0.2.1:1", "[2001:db8::1]:1"]) {
    expect([address, isHere(address)]).toEqual([address, false]);
  }
});
