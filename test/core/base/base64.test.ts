import fc from "fast-check";
import { expect, test } from "vitest";
import { base64OfBytes, bytesOfBase64, textOfUtf8, utf8Bytes } from "../../../core/base/base64.ts";

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
      expect(textOfUtf8(utf8Bytes(text))).toBe(text);
    }),
  );
  expect(utf8Bytes("a\ud800b")).toBe(utf8Bytes("a\ufffdb"));
});

test("bytes that are no UTF-8 are a text, too, and bytes again", () => {
  const one = fc.constantFrom(
    0x00,
    0x61,
    0x80,
    0x9f,
    0xa0,
    0xbf,
    0xc1,
    0xc3,
    0xe0,
    0xed,
    0xf0,
    0xf4,
  );
  const any = fc.array(fc.oneof(one, fc.integer({ min: 0, max: 0xff })), { maxLength: 12 });
  fc.assert(
    fc.property(any, (bytes) => {
      const text = textOfUtf8(String.fromCharCode(...bytes));
      expect(utf8Bytes(text)).toBe(String.fromCharCode(...bytes));
      const isSound = !Buffer.from(bytes).toString("utf8").includes("\ufffd");
      if (isSound) expect(text).toBe(Buffer.from(bytes).toString("utf8"));
      expect(/[\udc80-\udcff]/u.test(text)).toBe(!isSound);
    }),
  );
});
