/** For each thing that a test waits for, in milliseconds: on a machine that has seven times as much to do. */
export const patienceMs = 150_000;
