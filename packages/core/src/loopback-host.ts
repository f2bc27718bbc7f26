const octet = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const ipv4 = new RegExp(`^127(?:\\.${octet}){3}$`);
/** All spellings of `::1`. */
const ipv6 = /^(?:(?:0{1,4}:){7}|[0:]*::(?:0{1,4}:)*)0{0,3}1$/;

/**
 * Whether a host, an IPv6 address with its brackets or without, is this machine and no other: `127.0.0.0/8`, `::1` or
 * `localhost`. Any other name is taken for another machine, since what it resolves to may change.
 */
export function isLoopbackHost(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  return ipv4.test(bare) || ipv6.test(bare) || bare.toLowerCase() === 'localhost';
}
