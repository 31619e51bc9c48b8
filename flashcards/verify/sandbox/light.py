"""What a run imports in place of `typing`, `collections` and `signal`, which cost more than all the rest of it.

`TYPE_CHECKING` is true for the type checker alone, as in `typing`. A
`NamedTuple` of this room has fields, defaults and `_replace`, and `signal` is
the module in C below the one of that name, with plain numbers.
"""

TYPE_CHECKING = False

if TYPE_CHECKING:
    import signal
    from typing import NamedTuple
else:
    import _signal as signal
    from _operator import itemgetter

    class NamedTuple(tuple):
        """A tuple whose places have names: the annotations of the class, in their order."""

        __slots__ = ()

        def __init_subclass__(cls) -> None:
            cls._fields = tuple(cls.__annotations__)
            cls._defaults = {name: cls.__dict__[name] for name in cls._fields if name in cls.__dict__}
            for place, name in enumerate(cls._fields):
                setattr(cls, name, property(itemgetter(place)))

        def __new__(cls, *values, **named):
            left = cls._fields[len(values) :]
            return tuple.__new__(cls, (*values, *(named[n] if n in named else cls._defaults[n] for n in left)))

        def _replace(self, **changes):
            return type(self)(*(changes.get(name, value) for name, value in zip(self._fields, self, strict=True)))


__all__ = ["TYPE_CHECKING", "NamedTuple", "signal"]
