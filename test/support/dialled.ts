import type Docker from "dockerode";

/** For what dockerode has no method: what Docker's API answers. */
export function dialled(
  docker: Docker,
  request: { path: string; method: string; options?: object },
): Promise<unknown> {
  const statusCodes = { 200: true, 400: "bad request", 409: "conflict", 503: "unavailable" };
  return new Promise((resolve, reject) => {
    docker.modem.dial({ ...request, statusCodes }, (error, answer) =>
      error ? reject(error) : resolve(answer),
    );
  });
}
