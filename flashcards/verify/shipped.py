"""Hashes of what runs in the decks that come with the program; `python tests/make_shipped.py` writes them anew."""

from collections.abc import Mapping

SHIPPED: Mapping[str, str] = {
    "venv/create": "sha256:d650ea4d5da3fba50df78ae5e640375c98445c7ccaad6d070326f8d0f4cefbcc",
    "venv/activate": "sha256:2d9b1438a3278223d68530177b7c3f0e0db5eb1890d516083d7a46e54f07864a",
    "venv/deactivate": "sha256:b5031ce17c6f627a49dfe45e9b2453b60725e12cd6e700e35f931ac5bc5b6fea",
}
