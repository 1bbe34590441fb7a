/** For each thing that a test waits for, in milliseconds, on a machine with much else to do. */
export const patienceMs = 150_000;
