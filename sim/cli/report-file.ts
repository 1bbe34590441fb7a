import { SpanRecorder } from "../record/span-recorder.ts";
import type { RunResult, StoryLine } from "../result.ts";
import type { ScenarioPlan } from "../scenario/dsl.ts";
import type { Watch } from "../world/watch.ts";
import { OutFile } from "./out-file.ts";

/** The file that `--report` asks for: follows one run, and is written when that is over. */
export class ReportFile {
  readonly #file: OutFile;
  readonly #plan: ScenarioPlan;
  #recorder: SpanRecorder | null = null;

  /** `source` is the file that the run comes from. @throws WrongInput */
  constructor(path: string, source: string, plan: ScenarioPlan) {
    this.#file = new OutFile("--report", path, [{ path: source, what: "the failure itself" }]);
    this.#plan = plan;
  }

  readonly watch: Watch = (world) => {
    this.#recorder = new SpanRecorder(world);
    return this.#recorder;
  };

  told(line: StoryLine): void {
    this.#recorder?.told(line);
  }

  /** Why the file is not complete; null: it is. */
  async write(result: RunResult, command: string): Promise<string | null> {
    const record = this.#recorder?.record();
    if (record !== undefined) {
      const { reportPage } = await import("../report/report-page.ts");
      this.#file.write(await reportPage({ plan: this.#plan, result, record, command }));
    }
    this.#file.close();
    return this.#file.problem;
  }
}
