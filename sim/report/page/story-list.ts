import type { ReportData } from "../report-data.ts";
import { element } from "./elements.ts";

const signs: Readonly<Record<string, string>> = {
  fault: "▼",
  heal: "▲",
  election: "★",
  node: "●",
  task: "■",
  service: "◆",
  command: "›",
  violation: "✖",
};

interface Entry {
  readonly moment: number;
  readonly kind: string;
  readonly text: string;
}

/** The story of the run as a list; a click on a line goes to its moment. */
export class StoryList {
  readonly #list = element("ol", { class: "story" });
  readonly #entries: readonly Entry[];
  #current: Element | null = null;

  constructor({ record, result }: ReportData, go: (moment: number) => void) {
    const violations = result.violations.map(({ at, invariant, detail, node }) => ({
      ...{ moment: Math.round(at * 1e6), kind: "violation" },
      text: `${invariant} broke${node === null ? "" : ` on ${node}`}: ${detail}`,
    }));
    const told = record.story.map(({ at, kind, text }) => ({
      ...{ moment: Math.round(at * 1e6), kind, text },
    }));
    this.#entries = [...told, ...violations].sort((left, right) => left.moment - right.moment);
    for (const { moment, kind, text } of this.#entries) {
      const button = element(
        "button",
        { type: "button" },
        element("time", {}, `${(moment / 1e6).toFixed(3)} s`),
        element("span", { class: `kind ${kind}` }, `${signs[kind] ?? ""} ${kind}`),
        element("span", { class: "text" }, text),
      );
      button.addEventListener("click", () => go(moment));
      this.#list.append(element("li", {}, button));
    }
  }

  get node(): HTMLElement {
    return this.#list;
  }

  /** Where faults, elections and violations are: what n and p jump between. */
  get landmarks(): number[] {
    const kinds = ["fault", "election", "violation"];
    return [...new Set(this.#entries.filter(({ kind }) => kinds.includes(kind)))].map(
      ({ moment }) => moment,
    );
  }

  /** Marks the last line that is not after the moment, and scrolls to it within the list. */
  mark(moment: number): void {
    const later = this.#entries.findIndex((entry) => entry.moment > moment);
    const row = (later < 0 ? this.#entries.length : later) - 1;
    this.#current?.removeAttribute("aria-current");
    this.#current = this.#list.children[row] ?? null;
    this.#current?.setAttribute("aria-current", "true");
    const line = this.#current as HTMLElement | null;
    if (line === null) return;
    this.#list.scrollTop = line.offsetTop - this.#list.offsetTop - this.#list.clientHeight / 2;
  }
}
