/**
 * `host:port`, or `[host]:port` of an address of IPv6. One of IPv4 that came in where IPv6 listens,
 * `::ffff:10.0.0.1`, is what it was.
 */
export function hostPort(host: string, port: string): string {
  const bare = host.replace(/^\[|\]$/g, "").replace(/^::ffff:(?=\d+\.)/i, "");
  return bare.includes(":") ? `[${bare}]:${port}` : `${bare}:${port}`;
}

/** The parts of `host:port`; an address of IPv6 stands in brackets there, and without them here. */
export function hostPortOf(address: string): { readonly host: string; readonly port: number } {
  const at = address.lastIndexOf(":");
  const host = address.slice(0, at).replace(/^\[|\]$/g, "");
  return { host, port: Number(address.slice(at + 1)) };
}

const hostAndPort = /^(?:\[[\da-f:.]+(?:%\w+)?\]|[\w.-]+):\d{1,5}$/i;

/**
 * Whether it is a host and a port and nothing else: of other texts gRPC takes some for the path of
 * a socket, and throws at some.
 */
export function isHostPort(address: string): boolean {
  return hostAndPort.test(address);
}
