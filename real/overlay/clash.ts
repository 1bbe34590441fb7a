import { BlockList } from "node:net";
import { networkInterfaces } from "node:os";

/**
 * A network that this machine is in itself and that has addresses of the subnet, in words; null:
 * there is none. With a bridge for the subnet the machine would not reach it any more.
 */
export function clashWith(subnet: string, bridge: string): string | null {
  const own = listOf(subnet);
  for (const [name, addresses = []] of Object.entries(networkInterfaces())) {
    for (const { family, address, cidr } of addresses) {
      if (family !== "IPv4" || cidr === null || name === bridge) continue;
      const isWithin = own.check(address) || listOf(cidr).check(baseOf(subnet));
      if (isWithin) return `${cidr} of ${name}`;
    }
  }
  return null;
}

function listOf(subnet: string): BlockList {
  const list = new BlockList();
  list.addSubnet(baseOf(subnet), Number(subnet.split("/")[1]));
  return list;
}

function baseOf(subnet: string): string {
  return subnet.split("/")[0] ?? "";
}
