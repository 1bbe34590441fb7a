import { useEffect, useState } from "react";
import type { ClusterSource, Moment } from "../core/observe/source.ts";
import type { Pace } from "./pace.ts";

/** The newest moment of the source, no oftener than the pace allows; null before the first. */
export function useMoment(source: ClusterSource, pace: Pace): Moment | null {
  const [moment, setMoment] = useState<Moment | null>(null);
  useEffect(() => {
    let newest: Moment | null = null;
    let timer: NodeJS.Timeout | null = null;
    const show = () => {
      timer = null;
      pace.begin();
      setMoment(newest);
    };
    const stop = source.listen((heard) => {
      newest = heard;
      timer ??= setTimeout(show, pace.wait());
    });
    return () => {
      stop();
      if (timer !== null) clearTimeout(timer);
    };
  }, [source, pace]);
  return moment;
}
