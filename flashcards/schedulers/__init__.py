"""The table of schedulers: from a name and options to the thing that decides."""

from flashcards.errors import BadRequest
from flashcards.model import Scheduler
from flashcards.schedulers.sm2 import Sm2, Variant

NAMES = ("sm2",)


def get(name: str = "sm2", *, variant: Variant = "text", fuzz: bool = False) -> Scheduler:
    """The scheduler called `name`; raises BadRequest for a name it does not know."""
    if name != "sm2":
        raise BadRequest(f"no scheduler called `{name}`", hint="there is: sm2")
    return Sm2(variant=variant, fuzz=fuzz)
