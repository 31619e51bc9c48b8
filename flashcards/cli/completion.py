"""`cards completion`: the line that makes a shell complete commands, decks and tags."""

import click

EPILOG = """\b
Examples:
  cards completion bash >> ~/.bashrc
  cards completion zsh >> ~/.zshrc
  cards completion fish > ~/.config/fish/completions/cards.fish
"""


@click.command("completion", epilog=EPILOG)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Make the shell complete commands and decks.

    Prints the script for SHELL: bash 4.4 or newer, zsh or fish.
    """
    from click.shell_completion import ShellComplete, get_completion_class

    from flashcards.cli import cards

    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"no completion for `{shell}`")
    # Not `.source()`: for bash that starts a bash, to look at its version.
    click.echo(ShellComplete.source(found(cards, {}, "cards", "_CARDS_COMPLETE")))
