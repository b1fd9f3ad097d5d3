"""Which network addresses belong to the public Internet: a pure question about a number."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Address = IPv4Address | IPv6Address

_NAT64 = ip_network("64:ff9b::/96")
# Python takes some of these for public, depending on its version; nobody's web server stands there.
_NOBODYS = [ip_network(network) for network in (
    "192.0.0.0/24",    # for protocols
    "2001::/23",       # likewise, Teredo among them
    "192.88.99.0/24",  # relays of 6to4
    "64:ff9b:1::/48",  # NAT64 within one's own network
    "3fff::/20",       # for documentation
    "5f00::/16",       # for segment routing
)]  # fmt: skip


def is_public(address: Address) -> bool:
    """Whether a stranger's server may stand there, also when it is an old address wrapped up in a new one."""
    inner = _unwrapped(address)
    if any(inner in network for network in _NOBODYS if network.version == inner.version):
        return False
    if inner.is_multicast or inner.is_reserved or getattr(inner, "is_site_local", False):
        return False
    return inner.is_global


def is_loopback(address: Address) -> bool:
    """This machine itself."""
    return _unwrapped(address).is_loopback


def read(text: str) -> Address:
    """An address as the system's resolver writes it, maybe with the name of an interface."""
    return ip_address(text.split("%")[0])


def _unwrapped(address: Address) -> Address:
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
