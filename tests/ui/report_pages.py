"""Pages of the report to look at: a home whose texts attack, and ten years of days without a home."""

from datetime import date, timedelta
from pathlib import Path
from random import Random

from cli.inside import cards

from flashcards.app import App
from flashcards.app.statistics import Statistics, statistics
from flashcards.stats import Ahead, DayCount, retained, total
from flashcards.ui.report import page

TODAY = date(2026, 11, 22)
ATTACK = """</script><script>document.title = 'pwned'</script><img src=x onerror="document.title = 'pwned'">"""
BIDI = "left \u202egnp.exe\u202c right\u200b\u2066\u061c\U000e0041"
SECRETS = ("hush-deck", "Hush title", "hush-card", "hush front", "hush typed", "hush-tag")
DECK = f"""
    deck: hush-deck
    title: 'Hush title {ATTACK.replace("'", "''")}'
    tags: [hush-tag]
    cards:
      - {{id: hush-card, front: 'hush front {ATTACK.replace("'", "''")} `code` {BIDI}', answer: right}}
      - {{id: other, front: "new", back: b}}
"""
LOG = [
    ("2026-11-01", 4, "pass", "right"),
    ("2026-11-05", 4, "pass", "right"),
    ("2026-11-10", 1, "fail", f"hush typed {ATTACK}{BIDI}"),
    ("2026-11-14", 4, "pass", "right"),
    ("2026-11-20", 1, "fail", f"hush typed {ATTACK}{BIDI}"),
]


def attacked(folder: Path) -> Statistics:
    """The numbers of a home (CARDS_HOME) whose deck, cards and answers are hostile."""
    import json

    deck, log = folder / "hush.yaml", folder / "log.jsonl"
    deck.write_text(DECK.replace("\n    ", "\n"), encoding="utf-8")
    lines = [
        {"card": "hush-deck/hush-card", "grade": grade, "at": f"{day}T12:00:00Z", "verdict": verdict, "typed": typed}
        for day, grade, verdict, typed in LOG
    ]
    log.write_text("".join(f"{json.dumps({**one, 'tries': 1, 'took_ms': 4000})}\n" for one in lines), encoding="utf-8")
    cards("import", deck, log, check=True)
    return counted()


def counted() -> Statistics:
    """The numbers of CARDS_HOME."""
    app = App()
    try:
        return statistics(app)
    finally:
        app.close()


def ten_years(numbers: Statistics) -> Statistics:
    """The same numbers, but with ten years of many reviews a day, up to today."""
    dice = Random(1)
    days = {}
    for back in range(3652, -1, -1):
        reviews = dice.randrange(150, 450)
        right = reviews - dice.randrange(15, 60)
        done = DayCount(reviews=reviews, right=right, new=9, recalled=right - 9, extra=40, took_ms=reviews * 9000)
        days[numbers.day - timedelta(days=back)] = done
    weeks: dict[date, DayCount] = {}
    for day, done in days.items():
        monday = day - timedelta(days=day.weekday())
        weeks[monday] = total([weeks.get(monday, DayCount()), done])
    whole = total(days.values())
    many = tuple(dice.randrange(200, 300) for _ in range(366))
    return numbers._replace(
        days=days,
        weeks=tuple(type(numbers.weeks[0])(monday, done, retained(done).all) for monday, done in weeks.items()),
        total=whole,
        retention=retained(whole),
        due=many,
        ahead=Ahead(young=many, mature=many),
        hours=(whole,) * 24,
        weekdays=(whole,) * 7,
    )


def html(numbers: Statistics, *, redact: bool = False) -> str:
    """The whole page."""
    return "".join(page(numbers, redact=redact))
