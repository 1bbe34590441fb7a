const lengthBytes = 2;

/** A message as DNS has it on TCP (RFC 1035, 4.2.2): its length goes before it. */
export function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

/** The messages in a stream of bytes, however they were cut. */
export class Frames {
  readonly #take: (message: Buffer) => void;
  #rest: Buffer = Buffer.alloc(0);

  constructor(take: (message: Buffer) => void) {
    this.#take = take;
  }

  take(bytes: Buffer): void {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    while (this.#rest.length >= lengthBytes) {
      const end = lengthBytes + this.#rest.readUInt16BE();
      if (this.#rest.length < end) return;
      const message = this.#rest.subarray(lengthBytes, end);
      this.#rest = this.#rest.subarray(end);
      this.#take(message);
    }
  }
}
