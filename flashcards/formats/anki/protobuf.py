"""The little of Protocol Buffers that Anki's files need: the fields of one message, by number."""

from collections.abc import Iterator

VARINT, FIXED_64, BYTES, FIXED_32 = 0, 1, 2, 5
"""Wire types (Protocol Buffers encoding guide)."""
MOST_VARINT_BYTES = 10


def fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of each field, in order; raises ValueError where the bytes make no message."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        kind, number = key & 7, key >> 3
        if kind == VARINT:
            value, at = _varint(data, at)
            yield number, value
            continue
        if kind == BYTES:
            size, at = _varint(data, at)
        elif kind in {FIXED_64, FIXED_32}:
            size = 8 if kind == FIXED_64 else 4
        else:
            raise ValueError(f"wire type {kind} is unknown")
        if size > len(data) - at:
            raise ValueError("a field is longer than its message")
        yield number, data[at : at + size]
        at += size


def message(data: bytes) -> dict[int, int | bytes]:
    """The fields by number; of repeated ones the last."""
    return dict(fields(data))


def text(value: int | bytes | None) -> str:
    """A field as text; what is no UTF-8 is replaced."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""


def number(value: int | bytes | None) -> int:
    """A field as a number; 0 where it is none."""
    return value if isinstance(value, int) else 0


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(MOST_VARINT_BYTES):
        if at >= len(data):
            raise ValueError("it ends in the middle of a number")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:  # noqa: PLR2004  (the bit that says that more follows)
            return value & ((1 << 64) - 1), at
    raise ValueError("a number has too many digits")
