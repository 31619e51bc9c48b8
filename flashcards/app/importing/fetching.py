"""The one door to the network: a file from an `https` address, on the person's word, with limits on size and time."""

import http.client
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO
from urllib.parse import unquote, urlsplit

from flashcards import clock
from flashcards.app.importing.arrival import Arrival
from flashcards.app.importing.spooling import MOST_BYTES, SUFFIXES, spooled, too_much
from flashcards.errors import BadRequest, CardsError
from flashcards.formats.source import visible

SECONDS = 120
"""For the whole of it (ours)."""
SILENCE_SECONDS = 20
"""For an answer to come, and between two pieces of it (ours)."""
CHUNK_BYTES = 1 << 16
MOST_REDIRECTS = 5
TYPES = {
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "text/markdown": "markdown",
    "application/yaml": "yaml",
    "application/x-yaml": "yaml",
    "text/yaml": "yaml",
    "text/x-yaml": "yaml",
    "application/jsonl": "jsonl",
    "application/x-ndjson": "jsonl",
}
"""What a server calls the formats."""
ENDINGS = {ending: form for form, ending in SUFFIXES.items()} | {
    ".yml": "yaml", ".markdown": "markdown", ".txt": "csv", ".colpkg": "anki",
}  # fmt: skip


def fetch(address: str, folder: Path, form: str = "") -> Arrival:
    """The file at the address, in `folder`; raises where the address, the server or the file is not fit."""
    name = _checked(address)
    try:
        with _opener().open(urllib.request.Request(address), timeout=SILENCE_SECONDS) as answer:  # noqa: S310  (https, see _checked)
            if int(answer.headers.get("Content-Length") or 0) > MOST_BYTES:
                raise too_much(f"`{name}`")
            found = form or _format(address, answer.url, answer.headers.get_content_type())
            return spooled(_pieces(answer, name), folder / "fetched", name, found)
    except (OSError, http.client.HTTPException, ValueError) as error:
        if isinstance(error, urllib.error.HTTPError):
            error.close()
        raise CardsError(f"cannot fetch `{name}`: {_reason(error)}", hint="check the address and the network") from None


def _checked(address: str) -> str:
    """The address as messages name it; only `https` goes further, without a password in it."""
    try:
        parts = urlsplit(address)
        has_secret, host = parts.username is not None or parts.password is not None, parts.hostname
    except ValueError:
        raise BadRequest(
            f"`{visible(address, 200)}` is no address", hint="like https://example.org/deck.yaml"
        ) from None
    shown = visible(address, 200)
    if has_secret:
        raise BadRequest("an address with a password in it is not fetched", hint="download the file, then import it")
    if parts.scheme.lower() != "https":
        cure = (
            f"use https://{visible(address, 200).partition('://')[2]}"
            if parts.scheme == "http"
            else "save it as a file"
        )
        raise BadRequest(f"`{shown}` is not https, so anybody on the way could change it", hint=cure)
    if not host or any(sign <= " " for sign in address):
        raise BadRequest(f"`{shown}` is no address", hint="like https://example.org/deck.yaml")
    return shown


class _OnlyHttps(urllib.request.HTTPRedirectHandler):
    """Goes on to another address only if that is https as well."""

    max_redirections = MOST_REDIRECTS

    def redirect_request(  # noqa: PLR0917  (as the standard library has it)
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """The next request; raises for one that leaves https."""
        if urlsplit(newurl).scheme != "https":
            fp.close()
            raise BadRequest(
                f"`{visible(req.full_url, 200)}` sends on to `{visible(newurl, 200)}`, which is not https",
                hint="download the file, look at it, then import it",
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    """What opens `https` and nothing else: no files, no ftp."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPSHandler(context=ssl.create_default_context()),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
        _OnlyHttps(),
    ):
        opener.add_handler(handler)
    opener.addheaders = [("User-Agent", "cards"), ("Accept-Encoding", "identity")]
    return opener


def _pieces(answer: http.client.HTTPResponse, name: str) -> Iterator[bytes]:
    """The body piece by piece, for as long as there is time."""
    end = clock.ticks() + SECONDS
    while piece := answer.read1(CHUNK_BYTES):
        yield piece
        if clock.ticks() > end:
            raise CardsError(f"`{name}` takes longer than {SECONDS} s", hint="download the file, then import it")
    if answer.length:
        raise CardsError(f"`{name}` broke off with {answer.length:,} bytes to come", hint="try again")


def _format(address: str, final: str, content_type: str) -> str:
    """By the ending of the address asked for or of the last one, else by what the server says; "" if neither tells."""
    endings = (PurePosixPath(unquote(urlsplit(one).path)).suffix.lower() for one in (address, final))
    known = next((ENDINGS[ending] for ending in endings if ending in ENDINGS), "")
    return known or TYPES.get(content_type, "")


def _reason(error: Exception) -> str:
    """Why, in a few words."""
    if isinstance(error, urllib.error.HTTPError):
        return f"the server says {error.code} {visible(str(error.reason), 60)}".rstrip()
    inner = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(inner, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({inner.verify_message})"
    if isinstance(inner, TimeoutError):
        return f"no answer within {SILENCE_SECONDS} s"
    return visible(getattr(inner, "strerror", None) or str(inner) or type(inner).__name__, 100)
