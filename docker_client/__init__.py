"""The client of a Docker Engine, made in one place: which addresses are asked, with what TLS, in which API version.

Whoever reaches an Engine is root on its machine: an address is plain where it is a file or loopback, and else has TLS
with both certificates checked. The variables are those of Docker's own tools.
"""

from docker_client.client import AddressError, client, explain_tls

__all__ = ["AddressError", "client", "explain_tls"]
