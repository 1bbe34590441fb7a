import { TakenDown } from "../record/taken-down.ts";
import type { RunResult } from "../result.ts";
import type { ScenarioPlan } from "../scenario/dsl.ts";
import { chromeTrace } from "../trace/chrome.ts";
import { tlaTrace } from "../trace/tla.ts";
import { jepsenHistory } from "../users/jepsen.ts";
import { type RunObserver, together } from "../world/watch.ts";
import { WrongInput } from "./exit-codes.ts";
import { OutFile, type Taken } from "./out-file.ts";
import type { RunRequest } from "./request.ts";

/** The files that were asked for besides what is printed of a run. */
export type OutRequest = Pick<RunRequest, "trace" | "traceFormat" | "history" | "report">;

/** Writes them: follows one run, and is told when that is over. */
export class OutFiles {
  readonly #request: OutRequest;
  readonly #plan: ScenarioPlan;
  readonly #trace: OutFile | null;
  readonly #history: OutFile | null;
  readonly #report: OutFile | null;
  readonly #taken = new TakenDown();

  /** Refuses at once what can't be written, or is `source`. @throws WrongInput */
  constructor(request: OutRequest, clients: number, plan: ScenarioPlan, source: Taken) {
    const { trace, history, report } = request;
    if (history !== null && clients === 0) {
      throw new WrongInput(`--history ${history}: there are no clients; add --clients 4, say`);
    }
    const taken = [source];
    const open = (flag: `--${string}`, path: string | null, what: string) => {
      if (path === null) return null;
      const file = new OutFile(flag, path, taken);
      taken.push({ path, what });
      return file;
    };
    this.#request = request;
    this.#plan = plan;
    this.#trace = open("--trace", trace, "the trace");
    this.#history = open("--history", history, "the history");
    this.#report = open("--report", report, "the report");
  }

  /** What has to watch the run for the sake of the files. */
  observer(): RunObserver {
    const trace = this.#trace;
    const history = this.#history;
    const { traceFormat: format } = this.#request;
    const line = (text: string) => trace?.write(`${text}\n`);
    const records = this.#report !== null || (trace !== null && format === "chrome");
    const watches = [
      ...(trace !== null && format === "tla" ? [tlaTrace(line)] : []),
      ...(records ? [this.#taken.watch] : []),
    ];
    return {
      ...(trace !== null && format === "ndjson" && { trace: line }),
      ...(history !== null && { clients: (events) => history.write(jepsenHistory(events)) }),
      ...(watches.length > 0 && { watch: together(watches) }),
      ...(records && { story: this.#taken.story }),
    };
  }

  /** Writes what is known only once the run is over; why files are not complete, if any. */
  async finish(result: RunResult, command: string): Promise<string[]> {
    const record = this.#taken.record();
    if (record !== null && this.#request.traceFormat === "chrome") {
      for (const text of chromeTrace(record)) this.#trace?.write(text);
    }
    if (record !== null && this.#report !== null) {
      const { reportPage } = await import("../report/report-page.ts");
      this.#report.write(await reportPage({ plan: this.#plan, result, record, command }));
    }
    const files = [this.#trace, this.#history, this.#report].filter((file) => file !== null);
    for (const file of files) file.close();
    return files.flatMap(({ problem }) => problem ?? []);
  }
}
