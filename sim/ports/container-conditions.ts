/** How containers fare. Microseconds; per million. */
export interface ContainerConditions {
  pullMean: number;
  createMean: number;
  startMean: number;
  stopMean: number;
  pullFailuresPerMillion: number;
  startFailuresPerMillion: number;
  /** How long a container runs, on average, before it ends by itself; 0 is for ever. */
  crashMean: number;
  /** Images whose containers fail this long after they began to run; at 0 already at the start. */
  readonly badImages: Map<string, number>;
  /** How long a container with a health check takes to become healthy. */
  healthyMean: number;
  /** How long a healthy one stays healthy, on average; 0 is for ever. */
  unhealthyMean: number;
  /** Containers of these images never become healthy. */
  sickImages: ReadonlySet<string>;
}
