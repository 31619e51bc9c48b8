"""How people write cards in Markdown: lines, cards with marks at their start, cards within a paragraph."""
