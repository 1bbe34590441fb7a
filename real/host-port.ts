/**
 * `host:port`, or `[host]:port` of an address of IPv6. One of IPv4 that came in where IPv6 listens,
 * `::ffff:10.0.0.1`, is what it was.
 */
export function hostPort(host: string, port: string): string {
  const bare = host.replace(/^\[|\]$/g, "").replace(/^::ffff:(?=\d+\.)/i, "");
  return bare.includes(":") ? `[${bare}]:${port}` : `${bare}:${port}`;
}
