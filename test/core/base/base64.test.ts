import fc from "fast-check";
import { expect, test } from "vitest";
import { base64OfBytes, bytesOfBase64, utf8Bytes } from "../../../core/base/base64.ts";

test("bytes become base 64 and back, as others have it", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const data = Buffer.from(bytes).toString("base64");
      expect(bytesOfBase64(data)).toBe(Buffer.from(bytes).toString("latin1"));
      expect(base64OfBytes(bytesOfBase64(data))).toBe(data);
    }),
  );
});

test("texts become the bytes of UTF-8, whatever is in them", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(utf8Bytes(text)).toBe(Buffer.from(text, "utf8").toString("latin1"));
    }),
  );
  expect(utf8Bytes("a\ud800b")).toBe(utf8Bytes("a\ufffdb"));
});
