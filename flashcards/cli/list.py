"""`cards list`: the cards with their state, filtered."""

import click

from flashcards.app.progress import as_jsonl, record
from flashcards.cli.options import complete_decks, complete_tags, is_narrow, opened, width
from flashcards.ui.words import line

EPILOG = """\b
Examples:
  cards list --deck venv
  cards list --state new --tag command
  cards list --json | jq .id
"""


@click.command("list", epilog=EPILOG)
@click.option(
    "-d", "--deck", "decks", multiple=True, metavar="DECK", shell_complete=complete_decks, help="Only this deck."
)
@click.option(
    "-t", "--tag", "tags", multiple=True, metavar="TAG", shell_complete=complete_tags, help="Only cards with this tag."
)
@click.option("--state", type=click.Choice(["new", "review", "retired"]), help="Only cards in this state.")
@click.option("--flagged", is_flag=True, help="Only flagged cards.")
@click.option("--suspended", is_flag=True, help="Only suspended cards.")
@click.option("as_json", "--json", is_flag=True, help="Print one JSON object a line.")
def command(
    *,
    decks: tuple[str, ...],
    tags: tuple[str, ...],
    state: str | None,
    flagged: bool,
    suspended: bool,
    as_json: bool,
) -> None:
    """List the cards."""
    with opened() as app:
        chosen = app.decks(decks)
        plain = not (tags or state or flagged or suspended)
        if as_json and plain:
            for text in as_jsonl(app, chosen):
                click.echo(text, nl=False)
            return
        found = False
        for row in app.store.all_rows(chosen):
            fields = record(app, row)
            if (
                (tags and not set(tags) & set(fields["tags"]))
                or (state and fields["state"] != state)
                or (flagged and not fields["flagged"])
                or (suspended and not fields["suspended"])
            ):
                continue
            found = True
            click.echo(_json(fields) if as_json else _line(fields))
        if not (found or as_json):  # not among the cards: a script finds none
            click.echo(
                "no cards yet: `cards review` starts with a deck that came along" if plain else "no card is like that",
                err=True,
            )


def _json(fields: dict[str, object]) -> str:
    import json

    return json.dumps(fields, ensure_ascii=False)


def _line(fields: dict[str, object]) -> str:
    state = "suspended" if fields["suspended"] else str(fields["state"])
    when = fields["due"] or ""
    name, front = line(str(fields["id"])), line(str(fields["front"] or ""))
    if is_narrow():
        return f"{name}  {state} {when}".rstrip() + f"\n  {front[: width() - 2]}" * bool(front)
    head = f"{name:<32} {state:<9} {when!s:<10}  "
    return f"{head}{front[: max(0, min(80, width() - len(head)))]}".rstrip()
