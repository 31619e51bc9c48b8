"""Hashes of what runs in the decks that come with the program; `python tests/make_shipped.py` writes them anew."""

from collections.abc import Mapping

SHIPPED: Mapping[str, str] = {
    "venv/create": "sha256:c89d3c8bddf1c14cd944dcd61f2fe8ef05e2c15a5e1184d5ddfc222073f1137c",
    "venv/activate": "sha256:cc032107b9c761d43200f6a57eb23af5c2a42d84b7c22af1aaa20e33d965825e",
    "venv/deactivate": "sha256:9c7a69b400b0300372d62086dcd2d4a3c7efa338c4051ed4d024e222ba145008",
}
