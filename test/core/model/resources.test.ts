import fc from "fast-check";
import { expect, test } from "vitest";
import { fits, noResources, type Resources } from "../../../core/model/resources.ts";
import { resources } from "../../support/model.ts";

const some: fc.Arbitrary<Resources> = fc.record({
  nanoCpus: fc.nat(10_000_000_000),
  memoryBytes: fc.nat(),
});

test("fits() needs room for both, and exactly enough is enough", () => {
  expect(fits(resources(1, 100), resources(1, 100))).toBe(true);
  expect(fits(resources(1.1, 100), resources(1, 100))).toBe(false);
  expect(fits(resources(1, 101), resources(1, 100))).toBe(false);
  expect(fits(noResources, noResources)).toBe(true);
});

test("fits() lets nothing onto a node that is over-committed", () => {
  expect(fits(noResources, { nanoCpus: -1, memoryBytes: 0 })).toBe(false);
});

test("fits() still holds with more room, and with less wanted", () => {
  fc.assert(
    fc.property(some, some, some, (wanted, free, more) => {
      const larger = {
        nanoCpus: free.nanoCpus + more.nanoCpus,
        memoryBytes: free.memoryBytes + more.memoryBytes,
      };
      if (fits(wanted, free)) expect(fits(wanted, larger)).toBe(true);
      expect(fits(noResources, free)).toBe(true);
    }),
  );
});
