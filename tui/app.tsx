import { Text, useApp, useInput } from "ink";
import { type ReactElement, useEffect, useRef, useState } from "react";
import type { ClusterSource, CommandOutcome, SourceMoment } from "../core/observe/source.ts";
import type { Situation } from "./keys/binding.ts";
import { keyNames } from "./keys/key-names.ts";
import { press } from "./keys/press.ts";
import { layoutOf, type Size } from "./layout.ts";
import type { Look } from "./look.ts";
import type { Pace } from "./pace.ts";
import { Screen } from "./screen.tsx";
import { atFirst, type Message, type Ui } from "./ui.ts";
import { useMoment } from "./use-moment.ts";
import { viewNamed } from "./views.ts";

interface AppProps {
  readonly source: ClusterSource;
  readonly size: Size;
  readonly look: Look;
  readonly pace: Pace;
}

/** Shows a source, and turns keys into commands to it. */
export function App({ source, size, look, pace }: AppProps): ReactElement {
  const { drawn: moment, newest: heard } = useMoment(source, pace);
  const [ui, setUi] = useState(atFirst);
  const { exit } = useApp();
  // Keys may come between two pictures: each builds on the one before, and on what is newest.
  const newest = useRef(ui);
  const change = (to: Ui) => {
    newest.current = to;
    setUi(to);
  };
  const say = (message: Message | null) => change({ ...newest.current, message });
  useInput((input, key) => {
    for (const name of keyNames(input, key)) {
      if (heard.current === null) {
        if (name === "q" || name === "ctrl-c") exit();
        continue;
      }
      const situation = situationOf(newest.current, heard.current, source, size);
      const { ui: after, command, isQuit } = press(name, situation);
      change(after);
      if (command !== undefined) source.send(command, (outcome) => say(messageOf(outcome, look)));
      if (isQuit) exit();
    }
  });
  useReturn(moment, say);
  if (moment === null) return <Text>{`  Waiting for ${source.title}. q quits.`}</Text>;
  return <Screen source={source} moment={moment} ui={ui} size={size} look={look} />;
}

function situationOf(ui: Ui, moment: SourceMoment, { kind }: ClusterSource, size: Size): Situation {
  const contents = viewNamed(ui.view).open(moment, ui.filters[ui.view] ?? "");
  const at = contents.locate(ui.choices[ui.view] ?? null);
  return { ui, moment, kind, layout: layoutOf(size, ui), contents, at };
}

/** Where something is to be seen anyway, there are no words for it. */
function messageOf({ ok, text }: CommandOutcome, { symbols }: Look): Message | null {
  if (text === "") return null;
  const sign = ok ? symbols.ok : symbols.broken;
  return { text: `${sign} ${text}`, tone: ok ? "good" : "bad" };
}

/** Says so when a cluster that was lost is there again. */
function useReturn(moment: SourceMoment | null, say: (message: Message) => void): void {
  const connection = moment?.connection ?? null;
  const before = useRef<"unheard" | "connected" | "lost">("unheard");
  useEffect(() => {
    if (connection?.state === "connected") {
      if (before.current === "lost") {
        say({ text: `The cluster is back: ${connection.to} answers.`, tone: "good" });
      }
      before.current = "connected";
    } else if (before.current === "connected") before.current = "lost";
  });
}
