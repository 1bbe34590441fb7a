import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { RunRecord } from "../record/run-record.ts";
import type { RunResult } from "../result.ts";
import type { ScenarioPlan } from "../scenario/dsl.ts";
import { pack } from "./pack.ts";
import { bodyOf, headOf } from "./page-frame.ts";
import type { ReportData } from "./report-data.ts";
import { thinned } from "./thin.ts";

/** A run that a page is to show. */
export interface ReportInput {
  readonly plan: Pick<ScenarioPlan, "story">;
  readonly result: RunResult;
  readonly record: RunRecord;
  /** What shows the run again, on a command line. */
  readonly command: string;
}

/**
 * One HTML page that holds all it needs: the data, compressed, and the program that draws it with
 * Observable Plot. It asks nobody for anything. Its size is bounded by `reportLimits`.
 */
export async function reportPage({ plan, result, record, command }: ReportInput): Promise<string> {
  const { scenario, seed, verdict, violations, digest, events, simulatedSeconds } = result;
  const known = { scenario, seed, verdict, violations, digest, events, simulatedSeconds };
  const { story } = plan;
  const data: ReportData = { story, result: known, command, ...thinned(record) };
  const script = await pageScript();
  return `<!doctype html>
<html lang="en">
<head>
${headOf(result)}
</head>
<body>
${bodyOf(data, result)}
<script type="application/octet-stream" id="data">
${pack(data)}
</script>
<script type="module">
${script.replaceAll("</script", "<\\/script")}
</script>
</body>
</html>
`;
}

/** The program of the page with its libraries, as one text. */
async function pageScript(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("page/main.js", import.meta.url))],
    bundle: true,
    write: false,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    legalComments: "none",
    logLevel: "silent",
  });
  return outputFiles[0]?.text ?? "";
}
