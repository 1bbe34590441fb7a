import { hostPort } from "../host-port.ts";
import type { AddressBook } from "./address-book.ts";
import type { Line, LinePeer } from "./line.ts";
import { encodeFrame } from "./services.ts";

/**
 * Keeps the address book by what peers say, and tells all of them where the managers are.
 *
 * Invariants: where a node is that is there counts as it says itself, whatever others say; and only
 * what a node has said itself is news for others, so that no two tell each other without end.
 */
export class AddressExchange {
  readonly #self: string;
  readonly #book: AddressBook;
  readonly #spread: (frame: Uint8Array) => void;
  readonly #unsaved: (reason: string) => void;
  /** The file has not been brought up to date. */
  #isOwed = false;
  /** Peers that are there, with where others have last said that they are. */
  readonly #present = new Map<string, string>();

  /**
   * `self`: this node's id. `spread`: to every peer to whom a stream is open. `unsaved`: told why
   * the book can't be kept for the next start, which is tried again with the next peer that is met.
   */
  constructor(
    self: string,
    book: AddressBook,
    spread: (frame: Uint8Array) => void,
    unsaved: (reason: string) => void,
  ) {
    this.#self = self;
    this.#book = book;
    this.#spread = spread;
    this.#unsaved = unsaved;
  }

  /** What a new peer is told. */
  get frame(): Uint8Array {
    return encodeFrame({ kind: "addresses", managers: this.#book.managers });
  }

  /** A peer is there, who has proven who it is. `isManager`: core takes it for one. */
  met(peer: LinePeer, line: Line, isManager: boolean): void {
    this.#present.set(peer.id, "");
    const isNews = this.#book.learn(peer.id, addressFor(peer, line), isManager);
    if (isNews || this.#isOwed) this.#save();
    if (isNews) this.#spread(this.frame);
  }

  /** Nobody counts on the file: a disk that does not take it is no reason to end the node. */
  #save(): void {
    try {
      this.#book.save();
      this.#isOwed = false;
    } catch (error) {
      this.#isOwed = true;
      this.#unsaved((error as Error).message);
    }
  }

  /** The last stream to the peer is closed: it may be where others have said. */
  left(id: string): void {
    const elsewhere = this.#present.get(id);
    this.#present.delete(id);
    if (elsewhere !== undefined) this.heard(new Map([[id, elsewhere]]));
  }

  /** A manager says where these managers are; addresses by id. */
  heard(managers: ReadonlyMap<string, string>): void {
    let isNews = false;
    for (const [id, address] of managers) {
      if (this.#present.has(id)) this.#present.set(id, address);
      else if (id !== this.#self && this.#book.learn(id, address, true)) isNews = true;
    }
    if (isNews) this.#save();
  }
}

/** A node that listens everywhere does not know its own address: the connection does. */
function addressFor({ address }: LinePeer, { host }: Line): string {
  const port = /^(?:0\.0\.0\.0|\[::\]|):(\d+)$/.exec(address)?.[1];
  return port === undefined ? address : hostPort(host, port);
}
