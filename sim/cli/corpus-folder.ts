import { execFileSync, type StdioOptions } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type CorpusFile, corpusText } from "../explain/corpus.ts";
import { checkOutFolder, writeFailure, writeWhole } from "./out-file.ts";
import { complain } from "./output.ts";

/** Failures of one property of one scenario that are kept: a thousand more tell nothing new. */
const keptOfAKind = 20;

/** The folder in which failures are kept, each as a file. It is made when it is first needed. */
export class CorpusFolder {
  readonly #path: string;
  readonly #kept = new Map<string, number>();
  readonly #names = new Set<string>();

  /** @throws WrongInput when nothing could be kept there */
  constructor(path: string) {
    checkOutFolder("--corpus", path);
    this.#path = path;
  }

  /**
   * The file's path; null when enough of its kind were kept, or when it could not be, which is
   * said at once: a hunt goes on when its disk is full.
   */
  keep(file: CorpusFile): string | null {
    const kind = `${wordsOf(file.plan.name)}-${wordsOf(file.violation.invariant)}`;
    const kept = this.#kept.get(kind) ?? 0;
    if (kept >= keptOfAKind) return null;
    this.#kept.set(kind, kept + 1);
    const path = join(this.#path, `${this.#nameOf(kind, file)}.json`);
    try {
      makeFolder(this.#path);
      writeWhole(path, corpusText(file));
      return path;
    } catch (error) {
      complain(`${path}: ${writeFailure(error)}; this failure is not kept\n`);
      return null;
    }
  }

  /** Variations of a run have its seed: from the second on they have their digest besides. */
  #nameOf(kind: string, { seed, digest }: CorpusFile): string {
    const plain = `${kind}-${wordsOf(seed)}`;
    const name = this.#names.has(plain) ? `${plain}-${digest}` : plain;
    this.#names.add(name);
    return name;
  }
}

/** Another shard may make it at the same time. */
function makeFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if (!existsSync(path)) throw error;
  }
}

/** Which simswarm this is: the commit of a checkout, or the version of the package. */
export function commitOf(): string {
  const root = fileURLToPath(new URL("../../../", import.meta.url));
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  if (!existsSync(join(root, ".git"))) return version;
  try {
    const quiet: StdioOptions = ["ignore", "pipe", "ignore"];
    const options = { cwd: root, encoding: "utf8", stdio: quiet } as const;
    return execFileSync("git", ["describe", "--always", "--dirty"], options).trim();
  } catch {
    return version;
  }
}

function wordsOf(text: string): string {
  return text.replace(/[^a-zA-Z0-9]+/g, "-").replace(/^-+|-+$/g, "");
}
