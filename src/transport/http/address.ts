import { lookup as systemLookup, type LookupAddress, type LookupOptions } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { AppError } from "../../kernel/errors.ts";

/** Not the public Internet: private, loopback, link-local, carrier NAT, documentation, benchmarks, multicast, reserved. */
const V4_RESERVED: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];
/** Inside 2000::/3 and still no host of the Internet: Teredo and its like, documentation, 6to4. All outside it is refused. */
const V6_RESERVED: readonly (readonly [string, number])[] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
];

/** Tells whether an address is where a request to that kind of host may go. */
export type AddressTest = (address: string) => boolean;

/** Hosts of the public Internet only, so that a base URL cannot reach into the network around us (safety T10). */
export function publicAddresses(): AddressTest {
  const reserved = new BlockList();
  for (const [net, prefix] of V4_RESERVED) reserved.addSubnet(net, prefix, "ipv4");
  for (const [net, prefix] of V6_RESERVED) reserved.addSubnet(net, prefix, "ipv6");
  const global = new BlockList();
  global.addSubnet("2000::", 3, "ipv6");
  return (address) => {
    const family = isIP(address);
    if (family === 4) return !reserved.check(address, "ipv4");
    return family === 6 && global.check(address, "ipv6") && !reserved.check(address, "ipv6");
  };
}

/** This machine only. */
export function loopbackAddresses(): AddressTest {
  const loopback = new BlockList();
  loopback.addSubnet("127.0.0.0", 8, "ipv4");
  loopback.addAddress("::1", "ipv6");
  return (address) => {
    const family = isIP(address);
    return family !== 0 && loopback.check(address, family === 4 ? "ipv4" : "ipv6");
  };
}

/** Finds all addresses of a host name. */
export type Resolve = (
  host: string,
  options: LookupOptions & { readonly all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * A lookup for sockets that connects to no address but a tested one: the address that was tested is the one that is used,
 * so that a name server which changes its answer gains nothing (safety T10). One wrong address refuses the host.
 */
export function guardedLookup(allows: AddressTest, resolve: Resolve = systemLookup): LookupFunction {
  return (host, options, done) => {
    resolve(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return done(error, "", 0);
      const [first] = addresses;
      const wrong = addresses.find(({ address }) => !allows(address));
      if (first === undefined || wrong !== undefined) {
        const where = wrong === undefined ? "nowhere" : `to ${wrong.address}, which is not on the public Internet`;
        return done(new AppError("config", `${host} leads ${where}: nothing was sent, check the base URL`), "", 0);
      }
      if (options.all === true) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
}
