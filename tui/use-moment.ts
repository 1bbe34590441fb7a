import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { ClusterSource, SourceMoment } from "../core/observe/source.ts";
import type { Pace } from "./pace.ts";

interface Moments {
  /** To be drawn; it changes no oftener than the pace allows. */
  readonly drawn: SourceMoment | null;
  /** The newest that was heard: a key may come before it is drawn. */
  readonly newest: RefObject<SourceMoment | null>;
}

/** Listens to a source; null before its first moment. */
export function useMoment(source: ClusterSource, pace: Pace): Moments {
  const [drawn, draw] = useState<SourceMoment | null>(null);
  const newest = useRef<SourceMoment | null>(null);
  useEffect(() => {
    let timer: NodeJS.Timeout | null = null;
    const show = () => {
      timer = null;
      pace.begin();
      draw(newest.current);
    };
    const stop = source.listen((heard) => {
      newest.current = heard;
      timer ??= setTimeout(show, pace.wait());
    });
    return () => {
      stop();
      if (timer !== null) clearTimeout(timer);
    };
  }, [source, pace]);
  useLayoutEffect(() => pace.end());
  return { drawn, newest };
}
